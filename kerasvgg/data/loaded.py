"""Pictures in batches, as many as were planned, although some have gone bad."""

from collections.abc import Iterable, Iterator

import numpy as np

from kerasvgg.data.bad_files import BadFiles
from kerasvgg.data.pictures import Pictures
from kerasvgg.errors import DataError

Batch = tuple[np.ndarray, np.ndarray, np.ndarray]


def loaded(pictures: Pictures, batches: Iterable[np.ndarray], bad_files: BadFiles) -> Iterator[Batch]:
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
