"""A MatConvNet network as a keras.Model, its kernels in the order that Keras has."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from kerasvgg.backbones.preprocessing import NAME, minus_mean
from kerasvgg.errors import ModelFileError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.modelfile.description import SIDES
from kerasvgg.modelfile.facts.network import VGG16
from kerasvgg.modelfile.read.matconvnet.network import MatConvNet, MatLayer
from kerasvgg.modelfile.read.matconvnet.read import read_arrays

WIDTH_FIRST, HEIGHT_FIRST = "width-first", "height-first"
ORDERS = (WIDTH_FIRST, HEIGHT_FIRST)
# imagenet-vgg-verydeep-19.mat, both layouts. MatConvNet's converter from Caffe (utils/import-caffe.py) wrote them, and
# it puts the height first; what is commonly done with them, to swap the axes, was meant for the other order.
PUBLIC = frozenset({"8ee3263992981a1d26e73b3ca028a123", "49e623de543b207d57fab0f6eaf79a7e"})


def kernel_order(path: Path) -> str:
    """Returns height-first for the public files of VGG19 and VGG16, known by their content, else width-first."""
    return HEIGHT_FIRST if _md5(path) in PUBLIC or _is_vgg16(path) else WIDTH_FIRST


def swapped(kernel: np.ndarray) -> np.ndarray:
    """Returns a kernel (height, width, in, out) with its first two axes exchanged."""
    return kernel.transpose(1, 0, 2, 3)


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _is_vgg16(path: Path) -> bool:
    """Compares the second convolution, whose numbers are the same whatever the order of the colours."""
    with path.open("rb") as file:
        found = (array for name, role, array in read_arrays(file) if (name, role) == ("conv1_2", "kernel"))
        kernel = next(found, None)
    return kernel is not None and fingerprint([swapped(kernel)]) == VGG16["block1_conv2", "kernel"]


PICTURES, FLATTEN = "pictures", "flatten"
AT_ONCE = 64  # outputs of a layer
HALVING = ((2, 2), (2, 2))  # window and stride


def build_matconvnet(network: MatConvNet, order: str) -> Any:
    """Returns an uncompiled keras.Model, without its weights, from RGB 0..255 of the file's size.

    The mean pixel is taken away first. Convolutions that see the whole of what comes to them are dense layers behind a
    Flatten. `order` is that of the kernels' axes. Raises ModelFileError for what has no counterpart.
    """
    import keras

    _check(network)
    pictures = keras.Input((*network.image_size[:2], 3), name=PICTURES)
    x = minus_mean(network.mean_pixel)(pictures)
    for layer in network.layers:
        x = KINDS[layer.type](layer, x, order) if layer.type in KINDS else _refuse(layer, "type", layer.type)
    return keras.Model(pictures, x, name="matconvnet")


def fill_matconvnet(model: Any, file: BinaryIO, order: str) -> None:
    """Sets the weights of a model of `build_matconvnet` from the file, one array at a time."""
    for name, role, array in read_arrays(file):
        layer = model.get_layer(name)
        if role == "kernel":
            _fill_kernel(layer.kernel, swapped(array) if order == HEIGHT_FIRST else array)
        else:
            layer.bias.assign(array.astype(np.float32, copy=False))


def _fill_kernel(variable: Any, kernel: np.ndarray) -> None:
    """Goes by a few outputs at a time: fc6 alone is 411 MB, which else would be there four times."""
    for start in range(0, kernel.shape[-1], AT_ONCE):
        part = kernel[..., start : start + AT_ONCE].astype(np.float32, copy=False)
        shape = (*variable.shape[:-1], part.shape[-1])
        variable.value[..., start : start + AT_ONCE].assign(part.reshape(shape))


def _check(network: MatConvNet) -> None:
    size, names = network.image_size[:3], [layer.name for layer in network.layers]
    if len(size) != 3 or size[2] != 3 or not all(SIDES[0] <= side <= SIDES[1] for side in size[:2]):
        raise ModelFileError(
            f"must take pictures of three colours and {SIDES[0]} to {SIDES[1]:,} pixels, received {size}"
        )
    if len(network.mean_pixel) != 3:
        raise ModelFileError(f"must hold a mean picture of three colours, received {network.mean_pixel}")
    names += [PICTURES, NAME, FLATTEN]
    if len(set(names)) < len(names) or any("/" in name for name in names):
        raise ModelFileError("must have layers with names of their own, without /")


def _convolution(layer: MatLayer, x: Any, order: str) -> Any:
    from keras import layers

    kernel = layer.kernel
    if kernel is None or kernel[2] != x.shape[-1] or len(layer.arrays) > 2:
        return _refuse(layer, "arrays", [array.shape for array in layer.arrays])
    if layer.dilate != (1, 1):
        return _refuse(layer, "dilation", layer.dilate)
    sides = kernel[1::-1] if order == HEIGHT_FIRST else kernel[:2]
    settings = {"use_bias": layer.bias is not None, "kernel_initializer": "zeros", "name": layer.name}
    if _is_dense(layer, sides, x):
        x = layers.Flatten(name=FLATTEN)(x) if len(x.shape) == 4 else x
        return layers.Dense(kernel[3], **settings)(x)
    if len(x.shape) != 4:
        return _refuse(layer, "kernel", kernel)
    padding = _padding(layer, tuple((side - 1) // 2 for side in sides for _ in range(2)))
    return layers.Conv2D(kernel[3], sides, strides=layer.stride, padding=padding, **settings)(x)


def _is_dense(layer: MatLayer, sides: tuple[int, ...], x: Any) -> bool:
    seen = tuple(x.shape[1:3]) if len(x.shape) == 4 else (1, 1)
    return tuple(sides) == seen and not any(layer.pad or ())


def _padding(layer: MatLayer, same: tuple[int, ...]) -> str:
    if not any(layer.pad or ()):
        return "valid"
    is_same = layer.pad == same and layer.stride == (1, 1) and all(side % 2 for side in (layer.kernel or ())[:2])
    return "same" if is_same else _refuse(layer, "pad", layer.pad)


def _pool(layer: MatLayer, x: Any, _order: str) -> Any:
    from keras import layers

    kinds = {"max": layers.MaxPooling2D, "avg": layers.AveragePooling2D}
    if layer.method not in kinds or len(x.shape) != 4:
        return _refuse(layer, "method", layer.method)
    settings = {"strides": layer.stride, "padding": _pool_padding(layer, x), "name": layer.name}
    return kinds[layer.method](layer.pool, **settings)(x)


def _pool_padding(layer: MatLayer, x: Any) -> str:
    """Halving is "same" where that changes nothing, so that with pictures of other sizes it rounds up, as in Caffe."""
    is_even = not any(side % 2 for side in x.shape[1:3])
    is_halving = (layer.pool, layer.stride) == HALVING
    if is_halving and (layer.pad == (0, 1, 0, 1) or (is_even and not any(layer.pad or ()))):
        return "same"
    return _refuse(layer, "pad", layer.pad) if any(layer.pad or ()) else "valid"


def _relu(layer: MatLayer, x: Any, order: str) -> Any:
    return _refuse(layer, "leak", layer.leak) if layer.leak else _activation("relu")(layer, x, order)


def _activation(name: str) -> Callable[[MatLayer, Any, str], Any]:
    def apply(layer: MatLayer, x: Any, _order: str) -> Any:
        from keras import layers

        return layers.Activation(name, name=layer.name)(x)

    return apply


def _refuse(layer: MatLayer, what: str, received: object) -> Any:
    raise ModelFileError(f"must have layers that Keras has too: {layer.name} has the {what} {received!s:.80}")


KINDS: dict[str, Callable[[MatLayer, Any, str], Any]] = {
    "conv": _convolution,
    "relu": _relu,
    "pool": _pool,
    "softmax": _activation("softmax"),
}
