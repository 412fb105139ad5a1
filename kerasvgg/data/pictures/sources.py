"""Labelled pictures to train on, whatever they come from: files, arrays or a tf.data.Dataset."""

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import decode, jpeg_scale
from kerasvgg.data.pictures.loading import BadFileError
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.targets import targets
from kerasvgg.errors import DataError
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.text import printable


class FilePictures:
    """Pictures in files, decoded in threads to uint8 whenever they are asked for."""

    def __init__(
        self,
        paths: Sequence[Path],
        labels: Sequence[int] | np.ndarray,
        keys: Sequence[str],
        resizing: Resizing,
    ) -> None:
        self.labels, self._hashes = np.asarray(labels, dtype=np.int32), tuple(keys)
        self.shape: tuple[int, ...] = (*resizing.image_size, 3)
        self.dtype = np.dtype(np.uint8)
        self._paths, self._resizing = paths, resizing

    @classmethod
    def of_split(
        cls,
        root: Path,
        pictures: Sequence[Picture],
        classes: Sequence[str],
        resizing: Resizing,
        multi_label: bool = False,
    ) -> "FilePictures":
        """Takes part of a split; a label is the class's place in `classes` or, if `multi_label`, a row of 0 and 1."""
        paths = [root / picture.path for picture in pictures]
        labels = targets([picture.label for picture in pictures], classes, multi_label)
        return cls(paths, labels, [picture.sha256 for picture in pictures], resizing)

    def __len__(self) -> int:
        return len(self._paths)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The SHA-256 of each file and, where a large JPEG is decoded at a part of its size, the scale."""
        scales = self._pool.map(self._scale, self._paths)
        pairs = zip(self._hashes, scales, strict=True)
        return tuple(key if scale == 1 else f"{key}.1/{scale}" for key, scale in pairs)

    def _scale(self, path: Path) -> int:
        return jpeg_scale(path, self._resizing.image_size, self._resizing.interpolation)

    def name(self, i: int) -> str:
        """Returns the file's path."""
        return printable(str(self._paths[i]))

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns uint8 (n, height, width, 3).

        Raises BadFileError for one that can't be decoded or is no longer what its key says.
        """
        return np.stack(list(self._pool.map(self._decode, indices)))

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count())

    def __getstate__(self) -> dict[str, Any]:
        """Returns what a process elsewhere needs, which makes threads of its own."""
        kept = {name: value for name, value in vars(self).items() if name != "_pool"}
        return {**kept, "_paths": [path.absolute() for path in self._paths]}

    def _decode(self, i: int) -> np.ndarray:
        path = self._paths[i]
        try:
            image = decode(path, *self._resizing)
            unchanged = content_hash(path) == self._hashes[i]
        except DataError as error:
            raise BadFileError(printable(str(path)), str(error).removeprefix(f"{path}: ")) from error
        except OSError as error:
            raise BadFileError(printable(str(path)), str(error.strerror)) from error
        if not unchanged:
            raise BadFileError(printable(str(path)), "its content has changed since the split was planned")
        return image


class ArrayPictures:
    """Pictures (n, height, width, 3), 0..255, or features of any shape (n, ...), in one array."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        if len(images) != len(labels) or len(images) == 0:
            raise DataError(
                f"`images` and `labels` must have one length of at least 1, received {len(images)} and {len(labels)}"
            )
        self.labels = class_numbers(labels)
        self.shape, self.dtype = images.shape[1:], images.dtype
        self._images = images

    @classmethod
    def of(cls, source: Any) -> "ArrayPictures":
        """Takes (images, labels), or reads a finite, batched tf.data.Dataset of such into memory, once.

        Labels are class numbers (n,) or one-hot rows (n, classes).
        """
        if isinstance(source, tuple | list) and len(source) == 2 and all(map(np.ndim, source)):
            return cls(*map(np.asarray, source))
        if hasattr(source, "cardinality"):
            return cls._of_dataset(source)
        received = f"{len(source)} things" if isinstance(source, tuple | list) else type(source).__name__
        raise DataError(
            f"pictures must be a folder's path, (images, labels) or a tf.data.Dataset of such, received {received}"
        )

    @classmethod
    def _of_dataset(cls, dataset: Any) -> "ArrayPictures":
        if int(dataset.cardinality()) == -1:
            raise DataError("`dataset` must be finite, received one that repeats for ever: use take() on it")
        batches = [(np.asarray(images), np.asarray(labels)) for images, labels in dataset]
        if not batches:
            raise DataError("`dataset` must have at least one batch, received none")
        images, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
        return cls(images, labels)

    def __len__(self) -> int:
        return len(self._images)

    @property
    def value_range(self) -> tuple[float, float]:
        """The lowest and the highest value; NaN if one is."""
        return float(self._images.min()), float(self._images.max())

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """SHA-256 of each picture's dtype, shape and bytes."""
        kind = f"{self._images.dtype.str}{self._images.shape[1:]}".encode()
        return tuple(hashlib.sha256(kind + np.ascontiguousarray(row).tobytes()).hexdigest() for row in self._images)

    def name(self, i: int) -> str:
        """Returns the picture's number, from 0."""
        return f"number {i}"

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked rows in their own dtype."""
        images: np.ndarray = self._images[indices]
        return images


def class_numbers(labels: np.ndarray) -> np.ndarray:
    """Returns int32 (n,) of class numbers (n,) or (n, 1), or of one-hot rows (n, classes)."""
    if labels.dtype.kind not in "biuf":
        raise DataError(
            f"`labels` must be class numbers, received {labels.dtype}: number the classes, and name them in that order "
            "with `class_names`"
        )
    wide = labels.reshape(len(labels), -1)
    if wide.shape[1] > 1:
        if labels.ndim != 2 or not ((wide == 0) | (wide == 1)).all() or (wide.sum(axis=1) != 1).any():
            raise DataError(f"`labels` must be class numbers (n,) or one-hot rows, received an array {labels.shape}")
        return np.asarray(wide.argmax(axis=1), dtype=np.int32)
    if (strange := wide[~(wide == np.floor(wide))]).size:
        raise DataError(f"`labels` must be whole numbers, received {strange[0]}")
    return np.asarray(wide[:, 0], dtype=np.int32)


def require_known(labels: np.ndarray, count: int) -> None:
    """Raises DataError unless all class numbers are among so many classes."""
    if not 0 <= labels.min() <= labels.max() < count:
        raise DataError(f"`labels` must lie in 0..{count - 1}, received {labels.min()} to {labels.max()}")
