"""Labelled pictures to train on, whatever they come from: files, arrays or a tf.data.Dataset."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from kerasvgg.data.images import decode
from kerasvgg.data.split import Picture
from kerasvgg.errors import DataError

KEEP_BYTES = 1 << 30


class Pictures(Protocol):
    """A sequence of pictures; `labels` (n,) are class numbers, `sha256` the contents' hashes where they are known."""

    labels: np.ndarray
    sha256: tuple[str, ...] | None

    def __len__(self) -> int:
        """Returns how many there are."""
        ...

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked ones as an array (n, height, width, 3), 0..255, or the features that stand for them."""
        ...


class FilePictures:
    """Pictures in files, decoded in threads to uint8; up to 1 GiB of them stay in memory."""

    def __init__(
        self, paths: Sequence[Path], labels: Sequence[int], image_size: tuple[int, int], interpolation: str = "bilinear"
    ) -> None:
        self.labels = np.asarray(labels, dtype=np.int32)
        self.sha256: tuple[str, ...] | None = None
        self._paths, self._size, self._interpolation = paths, image_size, interpolation
        shape = (len(paths), *image_size, 3)
        keep = np.prod(shape, dtype=np.int64) <= KEEP_BYTES
        self._kept = np.empty(shape, dtype=np.uint8) if keep else None
        self._is_kept = np.zeros(len(paths), dtype=bool)

    @classmethod
    def of_split(
        cls,
        root: Path,
        pictures: Sequence[Picture],
        classes: Sequence[str],
        image_size: tuple[int, int],
        interpolation: str,
    ) -> "FilePictures":
        """Takes part of a split; a label is the class's place in `classes`."""
        paths = [root / picture.path for picture in pictures]
        made = cls(paths, [classes.index(picture.label) for picture in pictures], image_size, interpolation)
        made.sha256 = tuple(picture.sha256 for picture in pictures)
        return made

    def __len__(self) -> int:
        return len(self._paths)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns uint8 (n, height, width, 3). Raises DataError, naming the file, for one that can't be decoded."""
        if self._kept is None:
            return np.stack(self._decode(indices))
        missing = np.unique(indices[~self._is_kept[indices]])
        if missing.size:
            self._kept[missing] = self._decode(missing)
            self._is_kept[missing] = True
        return self._kept[indices]

    def _decode(self, indices: np.ndarray) -> list[np.ndarray]:
        with ThreadPoolExecutor() as pool:
            return list(pool.map(lambda i: decode(self._paths[i], self._size, self._interpolation), indices))


class ArrayPictures:
    """Pictures (n, height, width, 3), 0..255, or features of any shape (n, ...), in one array."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        if len(images) != len(labels) or len(images) == 0:
            raise DataError(
                f"`images` and `labels` must have one length of at least 1, received {len(images)} and {len(labels)}"
            )
        self.labels = np.asarray(labels).reshape(-1).astype(np.int32)
        self.sha256: tuple[str, ...] | None = None
        self._images = images

    @classmethod
    def of_dataset(cls, dataset: Any) -> "ArrayPictures":
        """Reads a finite, batched tf.data.Dataset of (images, labels) into memory, once."""
        if int(dataset.cardinality()) == -1:
            raise DataError("`dataset` must be finite, received one that repeats for ever: use take() on it")
        batches = [(np.asarray(images), np.asarray(labels)) for images, labels in dataset]
        if not batches:
            raise DataError("`dataset` must have at least one batch, received none")
        images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
        return cls(images, labels)

    def __len__(self) -> int:
        return len(self._images)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked rows in their own dtype."""
        return self._images[indices]
