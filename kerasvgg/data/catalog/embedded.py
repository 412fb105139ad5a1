"""Data sets that come with a package: scikit-learn's digits, Keras' MNIST."""

from pathlib import Path
from typing import TYPE_CHECKING

from kerasvgg.errors import DataError
from kerasvgg.files.atomic import staged_folder
from kerasvgg.process.progress import track

if TYPE_CHECKING:
    import numpy as np


def write_digits(folder: Path) -> None:
    """Writes scikit-learn's 1,797 scans of digits to `folder`, as 8x8 gray PNG files in class folders 0 to 9.

    The scans' 17 levels are spread over 0 to 255. `folder` appears whole or not at all.
    """
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = np.round(digits.images * (255 / 16)).astype(np.uint8)
    with staged_folder(folder) as fresh:
        for label in range(10):
            (fresh / str(label)).mkdir(parents=True)
        for number, (picture, label) in enumerate(zip(pixels, digits.target, strict=True)):
            Image.fromarray(picture).save(fresh / str(label) / f"digit_{number:04d}.png")


def write_mnist(archive: Path, folder: Path) -> None:
    """Writes the digits of Keras' mnist.npz to `folder`, as 28x28 gray PNG files in train/0 to 9 and test/0 to 9.

    `folder` appears whole or not at all. Raises DataError if the archive is not what keras.datasets.mnist downloads.
    """
    arrays = _read(archive)
    with staged_folder(folder) as fresh:
        for split in ("train", "test"):
            _write(fresh / split, arrays[f"x_{split}"], arrays[f"y_{split}"])


def _read(archive: Path) -> dict[str, "np.ndarray"]:
    import zipfile

    import numpy as np

    try:
        with archive.open("rb") as file, np.load(file, allow_pickle=False) as opened:
            arrays = {name: opened[name] for name in ("x_train", "y_train", "x_test", "y_test")}
    except (OSError, ValueError, LookupError, EOFError, TypeError, zipfile.BadZipFile) as error:
        raise DataError(f"`{archive}` can't be read as mnist.npz: {error}") from error
    for split in ("train", "test"):
        _check(archive, arrays[f"x_{split}"], arrays[f"y_{split}"])
    return arrays


def _check(archive: Path, images: "np.ndarray", labels: "np.ndarray") -> None:
    if images.dtype != "uint8" or images.ndim != 3:
        raise DataError(f"`{archive}` must hold uint8 pictures, received {images.dtype} of shape {images.shape}")
    if labels.shape != images.shape[:1] or not set(labels.tolist()) <= set(range(10)) or labels.dtype.kind not in "iu":
        raise DataError(f"`{archive}` must hold a digit of 0 to 9 per picture, received {labels!r}")


def _write(folder: Path, images: "np.ndarray", labels: "np.ndarray") -> None:
    from PIL import Image

    for label in range(10):
        (folder / str(label)).mkdir(parents=True)
    pairs = zip(images, labels, strict=True)
    for number, (picture, label) in enumerate(track(pairs, f"writing {folder.name}", len(images))):
        Image.fromarray(picture).save(folder / str(label) / f"{number:05d}.png")
