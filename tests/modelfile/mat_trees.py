"""What our reader and scipy's make of the same file, as trees of the same shape."""

import io
from typing import Any

import numpy as np
import scipy.io

from kerasvgg.modelfile.read.mat5.matrix import read_mat5
from kerasvgg.modelfile.read.mat5.values import Cell, Numbers, Passing, Path, Struct, Text, Unread, Value

EMPTY = "empty"


def ours(file: io.BytesIO, wanted: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Reads every array as it passes by."""
    names = wanted or tuple(name for name, *_ in scipy.io.whosmat(file))
    arrays: dict[Path, np.ndarray] = {}
    variables: dict[str, Value] = {}

    def passing() -> Any:
        variables.update((yield from read_mat5(file, names)))

    for one in passing():
        arrays[one.path] = _whole(one)
    return {name: _plain(value, (name,), arrays) for name, value in variables.items()}


def scipys(file: io.BytesIO) -> dict[str, Any]:
    variables = scipy.io.loadmat(file, mat_dtype=True)
    return {name: _as_plain(value) for name, value in variables.items() if not name.startswith("__")}


def _whole(passing: Passing) -> np.ndarray:
    values = np.concatenate([np.empty(0, passing.array.dtype), *passing.blocks])
    return values.reshape(passing.array.shape, order="F")


def _plain(value: Value, path: Path, arrays: dict[Path, np.ndarray]) -> Any:
    match value:
        case Text(rows):
            return list(rows) or EMPTY
        case Cell(shape, items):
            return "cell", shape, [_plain(item, (*path, place), arrays) for place, item in enumerate(items)]
        case Struct(shape, items):
            named = [
                {name: _plain(one, (*path, place, name), arrays) for name, one in item.items()}
                for place, item in enumerate(items)
            ]
            return "struct", shape, named
        case Numbers(shape, dtype, values):
            array = arrays.get(path, np.empty(shape, dtype))
            assert values is None or values.tobytes() == array.tobytes()
            return _numbers(array)
        case Unread(kind):
            return kind


def _as_plain(value: Any) -> Any:
    if value.dtype.names is not None:
        items = [{name: _as_plain(item[name]) for name in value.dtype.names} for item in value.ravel(order="F")]
        return "struct", value.shape, items
    if value.dtype == object and value.size and all(item is None for item in value.flat):  # structs without fields
        return "struct", value.shape, [{}] * value.size
    if value.dtype == object:
        return "cell", value.shape, [_as_plain(item) for item in value.ravel(order="F")]
    if value.dtype.kind == "U":
        return value.tolist() or EMPTY
    return _numbers(value)


def _numbers(array: np.ndarray) -> Any:
    """Every bit of the values; scipy gives empty ones other shapes."""
    if not array.size:
        return EMPTY
    return (
        array.dtype.newbyteorder("=").name,
        array.shape,
        array.astype(array.dtype.newbyteorder("=")).tobytes(order="F"),
    )
