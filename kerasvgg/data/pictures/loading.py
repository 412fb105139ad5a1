"""Pictures in batches, as many as were planned, although some have gone bad."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.process.progress import warn


class Pictures(Protocol):
    """A sequence of pictures of one `shape` and `dtype`.

    `labels` are class numbers (n,) or, where pictures have several classes, 0 and 1 for each class (n, classes).
    """

    labels: np.ndarray
    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def keys(self) -> tuple[str, ...]:
        """One text per picture, beginning with its SHA-256; equal contents have equal keys."""
        ...

    def __len__(self) -> int:
        """Returns how many there are."""
        ...

    def name(self, i: int) -> str:
        """Returns what a person knows the picture by."""
        ...

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked ones as an array (n, height, width, 3), 0..255, or the features that stand for them."""
        ...


POLICIES = ("stop", "skip")


class BadFileError(DataError):
    """Names one file that can't be used, in `path`, and why, in `reason`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class BadFiles:
    """What to do about them: stop at the first one, or skip them; `found` says which were skipped, and why."""

    def __init__(self, policy: str = "stop") -> None:
        self.skips = policy == "skip"
        self.found: dict[str, str] = {}

    def load(self, pictures: Pictures, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the asked pictures, and the places of those that are good; both may be empty.

        Raises BadFileError for the first bad one unless they are skipped.
        """
        try:
            return pictures.load(indices), indices
        except BadFileError:
            if not self.skips:
                raise
        good = np.array([i for i in indices if self._is_good(pictures, i)], dtype=indices.dtype)
        return (pictures.load(good) if good.size else np.empty(0)), good

    def _is_good(self, pictures: Pictures, i: int) -> bool:
        try:
            pictures.load(np.array([i]))
        except BadFileError as error:
            if error.path not in self.found:
                warn(f"skipped: {error}")
            self.found[error.path] = error.reason
            return False
        return True


Batch = tuple[np.ndarray, np.ndarray, np.ndarray]


def load_batches(pictures: Pictures, batches: Iterable[np.ndarray], bad_files: BadFiles) -> Iterator[Batch]:
    """Yields batches of picture numbers: what was loaded, the numbers, and their places in all batches together.

    A batch lacks those that `bad_files` skips. Keras counts on the number of batches, so where nothing of one is left,
    the batch before it (or, for the first, after it) is given in two parts. Raises DataError if that is not possible.
    """
    waiting: Batch | None = None
    parts, end = 1, 0
    for indices in batches:
        start, end = end, end + len(indices)
        images, good = bad_files.load(pictures, indices)
        if not good.size:
            parts += 1
            continue
        if waiting:
            yield from _in_parts(waiting, parts)
            parts = 1
        waiting = images, good, start + np.flatnonzero(np.isin(indices, good))
    yield from _in_parts(waiting, parts)


def _in_parts(batch: Batch | None, parts: int) -> Iterator[Batch]:
    if batch is None or len(batch[1]) < parts:
        raise DataError("none of the pictures of a batch is left, and the batch beside it is too small to be divided")
    if parts == 1:
        yield batch
        return
    yield from zip(*(np.array_split(part, parts) for part in batch), strict=True)
