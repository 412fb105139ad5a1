"""What every peer is given: pictures in memory, what Keras makes of them, and VGG16 as an ONNX file.

python -m benchmarks.peers.given FOLDER IMAGES SIDE
"""

import sys
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np

BATCH = 32
MEAN_RGB = np.array((123.68, 116.779, 103.939), dtype=np.float32)


@dataclass(frozen=True)
class Given:
    """A folder with these things in it; arrays are float32, pictures (n, height, width, channel)."""

    folder: Path

    @cached_property
    def pictures(self) -> np.ndarray:
        """RGB 0..255, as kerasvgg's models take them."""
        return np.load(self.folder / "pictures.npy")

    @property
    def size(self) -> tuple[int, int]:
        """Their height and width."""
        return self.pictures.shape[1:3]

    @property
    def preprocessed(self) -> np.ndarray:
        """The same as VGG16's convolutions take them: BGR, less the mean of ImageNet."""
        return np.ascontiguousarray((self.pictures - MEAN_RGB)[..., ::-1])

    @property
    def channels_first(self) -> np.ndarray:
        """The same as (n, channel, height, width)."""
        return np.ascontiguousarray(self.preprocessed.transpose(0, 3, 1, 2))

    @property
    def features(self) -> np.ndarray:
        """What Keras makes of them, (n, height / 32, width / 32, 512)."""
        return np.load(self.folder / "features.npy")

    @property
    def onnx(self) -> Path:
        """VGG16's convolutions for batches of 32, where onnx is installed."""
        return self.folder / "vgg16.onnx"


def batches(pictures: np.ndarray) -> list[np.ndarray]:
    """Returns the pictures in batches of 32."""
    return [pictures[start : start + BATCH] for start in range(0, len(pictures), BATCH)]


def channels_last(outputs: list[np.ndarray]) -> np.ndarray:
    """Returns batches of (n, channel, height, width) as Keras would have them."""
    return np.concatenate(outputs).transpose(0, 2, 3, 1)


def write(folder: Path, images: int, side: int) -> None:
    """Writes random pictures, what Keras makes of them, and the ONNX file."""
    from benchmarks.peers.keras import convolutions

    given = Given(folder)
    pixels = np.random.default_rng(0).uniform(0, 255, (images, side, side, 3)).astype(np.float32)
    np.save(folder / "pictures.npy", pixels)
    np.save(
        folder / "features.npy", convolutions((side, side)).predict(given.preprocessed, batch_size=BATCH, verbose=0)
    )
    if find_spec("onnx"):
        from benchmarks.peers.onnx_file import write_onnx

        write_onnx(given.onnx, given.size)


if __name__ == "__main__":
    write(Path(sys.argv[1]), *map(int, sys.argv[2:]))
