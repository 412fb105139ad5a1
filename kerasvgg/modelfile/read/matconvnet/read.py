"""Reads MatConvNet's .mat files, of both layouts, from an open file."""

import math
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.mat5.matrix import read_mat5
from kerasvgg.modelfile.read.mat5.values import Passing, Path, Struct, Value
from kerasvgg.modelfile.read.matconvnet.fields import Fields
from kerasvgg.modelfile.read.matconvnet.network import MatConvNet, in_keras_order, layer

VARIABLES = ("layers", "classes", "normalization", "meta", "net")
OLD_PICTURE = ("normalization", 0, "averageImage")
PICTURES = (OLD_PICTURE, ("meta", 0, *OLD_PICTURE))
MOST_LAYERS = 10_000
MOST_PICTURE = 32 << 20  # bytes


class Weights(NamedTuple):
    """An array of a layer as it passes by: of `layers[layer].arrays[place]`, in flat blocks of at most 1 MiB.

    The blocks are in the file's order, the first dimension running fastest, and are to be read at once or not at all.
    """

    layer: int
    place: int
    shape: tuple[int, ...]
    dtype: str
    blocks: Iterator[np.ndarray]


def read_matconvnet(file: BinaryIO, visit: Callable[[Weights], None] | None = None) -> MatConvNet:
    """Returns what a .mat file says of its network; `visit` is called with every array of weights on the way.

    Raises ModelFileError for a file that is no MatConvNet network or is damaged, in words that follow the file's name.
    """
    variables: dict[str, Value] = {}
    pictures: dict[Path, np.ndarray] = {}

    def passing() -> Iterator[Passing]:
        variables.update((yield from read_mat5(file, VARIABLES)))

    for one in passing():
        path = _in_net(one.path)
        if path in PICTURES:
            pictures[path] = _picture(one)
        elif visit is not None and (where := _where(one)) is not None:
            visit(Weights(*where, one.array.shape, one.array.dtype, one.blocks))
    return _network(_fields(variables), pictures)


def read_arrays(file: BinaryIO) -> Iterator[tuple[str, str, np.ndarray]]:
    """Yields every array of weights with its layer's name and its role, after the whole file was checked.

    Kernels come in Keras' order (height, width, in, out), as views of the file's; all others flat.
    """
    layers = read_matconvnet(file).layers
    for one in read_mat5(file, VARIABLES):
        if (where := _where(one)) is None:
            continue
        layer, place = layers[where[0]], where[1]
        flat = _whole(one)
        is_kernel = place == 0 and layer.kernel is not None
        yield layer.name, layer.arrays[place].role, in_keras_order(flat, one.array.shape) if is_kernel else flat


def _in_net(path: Path) -> Path:
    """Returns a path without the variable that a whole network may be saved as."""
    return path[2:] if path[0] == "net" else path


def _where(passing: Passing) -> tuple[int, int] | None:
    """Returns the places of layer and array for weights, None for all else and where there is none of them."""
    if 0 in passing.array.shape:
        return None
    match _in_net(passing.path):
        case ("layers", int(layer), 0, "weights", int(place)):
            return layer, place
        case ("layers", int(layer), 0, "weights" | "filters"):
            return layer, 0
        case ("layers", int(layer), 0, "biases"):
            return layer, 1
    return None


def _whole(passing: Passing) -> np.ndarray:
    whole = np.empty(math.prod(passing.array.shape), passing.array.dtype)
    at = 0
    for block in passing.blocks:
        whole[at : at + block.size] = block
        at += block.size
    return whole


def _picture(passing: Passing) -> np.ndarray:
    size = math.prod(passing.array.shape) * np.dtype(passing.array.dtype).itemsize
    if size > MOST_PICTURE:
        raise ModelFileError(f"must have a mean picture of at most {MOST_PICTURE:,} bytes, received {size:,}")
    return _whole(passing).reshape(passing.array.shape, order="F")


def _fields(variables: dict[str, Value]) -> Fields:
    net = Fields(variables)
    if "net" in variables:
        if "layers" in variables:
            raise ModelFileError("must hold one network, received one in `layers` and one in `net`")
        net = net.struct("net")
    if net.value("layers") is None:
        raise ModelFileError("must be a MatConvNet network, received a .mat file without `layers`")
    if isinstance(net.value("layers"), Struct):
        raise ModelFileError("must be a SimpleNN of MatConvNet, with its layers in a cell, received a DagNN")
    return net


def _network(net: Fields, pictures: dict[Path, np.ndarray]) -> MatConvNet:
    is_new = net.value("meta") is not None
    picture = pictures.get(PICTURES[is_new], np.empty(0))
    meta = net.struct("meta") if is_new else net
    classes, normalization = meta.struct("classes"), meta.struct("normalization")
    layers = tuple(layer(fields, place) for place, fields in enumerate(net.structs("layers", MOST_LAYERS), start=1))
    return MatConvNet(
        layout="new" if is_new else "old",
        layers=layers,
        parameters=sum(one.parameters for one in layers),
        class_names=classes.texts("name"),
        class_descriptions=classes.texts("description"),
        image_size=normalization.integers("imageSize", 1),
        mean_picture=picture.shape if picture.size else (),
        mean_pixel=_mean_pixel(picture),
    )


def _mean_pixel(picture: np.ndarray) -> tuple[float, ...]:
    """Returns the mean of each channel of a picture, a row or a column of channels being one pixel."""
    if not picture.size:
        return ()
    is_row = picture.ndim == 2 and 1 in picture.shape
    channels = picture.reshape(*((1, 1) if is_row else picture.shape[:2]), -1)
    with np.errstate(all="ignore"):
        means = channels.mean((0, 1), dtype=np.float64)
    if not np.isfinite(means).all():
        raise ModelFileError(f"must have a mean picture of finite numbers, received one with mean {means.tolist()}")
    return tuple(means.tolist())
