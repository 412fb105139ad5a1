"""The numbers of a file's arrays, a few megabytes at a time."""

import itertools
import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.h5_file import open_h5
from kerasvgg.modelfile.read.keras_archive import weights_of

BLOCK = 4 << 20  # bytes
BFLOAT16 = np.dtype("V2")  # what Keras keeps it as
KINDS = "fiub"  # of numpy: floats, whole numbers, yes and no


@contextmanager
def opened_arrays(file: BinaryIO, container: str) -> Iterator[Any]:
    """Yields the HDF5 file, or that in the .keras archive, in which the arrays are."""
    file.seek(0)
    if container != "keras":
        with open_h5(file) as h5:
            yield h5
        return
    with zipfile.ZipFile(file) as archive, weights_of(archive, file) as h5:
        yield h5


def blocks(h5: Any, name: str) -> Iterator[np.ndarray]:
    """Yields the numbers of an array in their order, flat, at most BLOCK bytes at a time."""
    array = h5[name]
    if array.dtype == BFLOAT16:
        yield from (_widened(block) for block in _parts(array))
        return
    if array.dtype.kind not in KINDS:
        raise ModelFileError(f"has something else than numbers in `{name}`: {array.dtype}")
    yield from _parts(array)


def _widened(block: np.ndarray) -> np.ndarray:
    """Returns bfloat16, which is the upper half of float32, as that."""
    return (block.view("<u2").astype("<u4") << 16).view("<f4")


def _parts(array: Any) -> Iterator[np.ndarray]:
    shape, size = array.shape, array.dtype.itemsize
    axis = next((i for i in range(len(shape)) if math.prod(shape[i + 1 :]) * size <= BLOCK), len(shape))
    if axis == len(shape) or 0 in shape:
        yield np.ravel(array[()])
        return
    step = max(1, BLOCK // (math.prod(shape[axis + 1 :]) * size))
    for place in itertools.product(*map(range, shape[:axis])):
        for start in range(0, shape[axis], step):
            yield np.ravel(array[(*place, slice(start, start + step))])
