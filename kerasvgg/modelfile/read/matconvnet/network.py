"""A MatConvNet network and its layers, as far as they matter here."""

import math
from dataclasses import dataclass

import numpy as np

from kerasvgg.modelfile.read.mat5.values import Numbers
from kerasvgg.modelfile.read.matconvnet.fields import Fields

RGB = "RGB"


@dataclass(frozen=True)
class MatArray:
    """Weights of a layer: `role` is kernel, bias, multiplier or moments; `shape` is as in the file."""

    role: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class MatLayer:
    """`type` is MatConvNet's word: conv, relu, pool, softmax, lrn (once normalize), dropout, bnorm ...

    `kernel` is the shape in Keras' order (height, width, in, out) and `bias` the number of its values, for convolutions
    that have them. `pad` is (top, bottom, left, right), `stride` and `pool` are (vertical, horizontal), as is
    `dilate`; None and "" where they mean nothing. `leak` is what a relu leaves of numbers below 0.
    """

    name: str
    type: str
    arrays: tuple[MatArray, ...]
    parameters: int
    kernel: tuple[int, ...] | None
    bias: int | None
    pad: tuple[int, ...] | None
    stride: tuple[int, ...] | None
    pool: tuple[int, ...] | None
    method: str
    dilate: tuple[int, ...] | None = None
    leak: float = 0.0


@dataclass(frozen=True)
class MatConvNet:
    """`layout` is "new" for files with `meta`, "old" for those with `classes` and `normalization`.

    `class_names` are the file's short ones (WordNet's for ImageNet), `class_descriptions` the readable ones.
    `image_size` is (height, width, channels), maybe more; `mean_picture` the shape of the mean picture or pixel.
    Whatever the file does not say is empty.
    """

    layout: str
    layers: tuple[MatLayer, ...]
    parameters: int
    class_names: tuple[str, ...]
    class_descriptions: tuple[str, ...]
    image_size: tuple[int, ...]
    mean_picture: tuple[int, ...]
    mean_pixel: tuple[float, ...]
    colour_order: str = RGB  # MATLAB's own, in every MatConvNet file


POOL = "pool"
OUTPUTS = {"conv": 3, "convt": 2}  # which of a kernel's axes counts them
KERAS_AXES = (1, 0, 2, 3)
ROLES = {"bnorm": ("multiplier", "bias", "moments")}
KERNEL_AND_BIAS = ("kernel", "bias")
# A file has a number once where it is the same for all sides or directions.
SIDES, DIRECTIONS = 4, 2


def layer(fields: Fields, place: int) -> MatLayer:
    """Returns the layer; `place` counts from 1 and names a layer without a name.

    Raises ModelFileError for fields that are not what MatConvNet puts there.
    """
    kind = fields.text("type")
    if not kind:
        raise fields.wrong("type", "a type")
    arrays = _weights(fields)
    named = [MatArray(role, one.shape, one.dtype) for role, one in zip(_roles(kind, len(arrays)), arrays, strict=True)]
    kernel, bias = None, None
    if kind in OUTPUTS and arrays and 0 not in arrays[0].shape:
        kernel, bias = _kernel_and_bias(fields, arrays, OUTPUTS[kind])
    moves = kind in ("conv", POOL)
    return MatLayer(
        name=fields.text("name") or f"{kind}{place}",
        type=kind,
        arrays=tuple(named),
        parameters=sum(math.prod(one.shape) for one in named),
        kernel=kernel,
        bias=bias,
        pad=_each(fields, "pad", SIDES, 0) if moves else None,
        stride=_each(fields, "stride", DIRECTIONS, 1) if moves else None,
        pool=_each(fields, "pool", DIRECTIONS, 1) if kind == POOL else None,
        method=(fields.text("method") or "max") if kind == POOL else "",
        dilate=_each(fields, "dilate", DIRECTIONS, 1) if kind == "conv" else None,
        leak=_leak(fields) if kind == "relu" else 0.0,
    )


def in_keras_order(flat: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the values of a kernel, in the file's order, as a view of shape (height, width, in, out)."""
    return flat.reshape(_in_four(shape), order="F").transpose(KERAS_AXES)


def _weights(fields: Fields) -> tuple[Numbers, ...]:
    """Returns a layer's arrays; before there were `weights` there were `filters` and `biases`."""
    found, filters, biases = fields.arrays("weights"), fields.array("filters"), fields.array("biases")
    if found and (filters or biases):
        raise fields.wrong("weights", "nothing besides `filters` and `biases`")
    if biases and not filters:
        raise fields.wrong("filters", "an array besides `biases`")
    return found or tuple(one for one in (filters, biases) if one)


def _roles(kind: str, count: int) -> tuple[str, ...]:
    known = ROLES.get(kind, KERNEL_AND_BIAS)
    return known[:count] + tuple(f"weights{place + 1}" for place in range(len(known), count))


def _in_four(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Returns a kernel's shape with the ones at its end, which MATLAB leaves away."""
    return shape + (1,) * (4 - len(shape))


def _kernel_and_bias(fields: Fields, arrays: tuple[Numbers, ...], axis: int) -> tuple[tuple[int, ...], int | None]:
    """Returns the kernel's shape in Keras' order and the number of biases; `axis` is that of the outputs."""
    shape = _in_four(arrays[0].shape)
    biases = math.prod(arrays[1].shape) if len(arrays) > 1 else 0
    if len(shape) > 4 or biases not in (0, shape[axis]):
        raise fields.wrong("weights", "a kernel of 4 dimensions and a bias for each output")
    return tuple(shape[axis] for axis in KERAS_AXES), biases or None


def _leak(fields: Fields) -> float:
    found = fields.array("leak")
    if found is None:
        return 0.0
    if found.values is None or found.values.size != 1 or not math.isfinite(found.values.item()):
        raise fields.wrong("leak", "one number")
    return float(found.values.item())


def _each(fields: Fields, name: str, count: int, least: int) -> tuple[int, ...]:
    numbers = fields.integers(name, least) or (least,)
    if len(numbers) not in (1, count):
        raise fields.wrong(name, f"1 or {count} whole numbers")
    return numbers * count if len(numbers) == 1 else numbers
