"""Kernels rounded to 255 steps so that their errors cancel on real pictures, before a quantiser sees them.

Rounded one weight after the other, each error is made up for by the weights that come after it, as far as inputs go
together: Frantar et al., GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers (2023).
What is rounded so has the very steps that a quantiser takes, per output channel and symmetric, which then changes
nothing more. Batch normalisation that is folded into a kernel only stretches these steps.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from kerasvgg.errors import KerasVGGError

STEPS = 127  # on each side of 0
DAMPING = 0.01  # of the mean square of an input, added to each
MOST_INPUTS = 10_000  # of one output, whose products two by two are kept
PLACES = 512  # of a feature map, of one picture
AT_ONCE = 128  # inputs whose errors are made up for together


def round_kernels(model: Any, floats: Sequence[str], pictures: Iterable[np.ndarray]) -> list[str]:
    """Rounds the kernels of a model in place, but for layers that are `floats`; returns the names of the layers.

    `pictures` (1, height, width, channels) say which inputs go together. The mean of what a layer's outputs lose goes
    to its bias.
    """
    layers = [one for one in model.layers if one.name not in floats and _can_be_rounded(one)]
    found = _inputs(model, layers, pictures) if layers else []
    for layer in layers:
        sums = found.pop(0)  # each square is large, and is let go of when it was used
        kernel = np.asarray(layer.kernel)
        flat = kernel.reshape(-1, kernel.shape[-1]).T.astype(np.float64)
        rounded = _rounded(flat, sums.mean_products())
        layer.kernel.assign(rounded.T.reshape(kernel.shape).astype(np.float32))
        if layer.use_bias:
            layer.bias.assign_add(((flat - rounded) @ (sums.values / sums.count)).astype(np.float32))
    return [layer.name for layer in layers]


def _can_be_rounded(layer: Any) -> bool:
    """Tells whether it is a convolution or a dense layer of feature vectors, of this model itself and called once."""
    from keras import layers

    if len(layer._inbound_nodes) != 1:
        return False
    if isinstance(layer, layers.Conv2D) and not isinstance(layer, layers.DepthwiseConv2D):
        return bool(layer.groups == 1 and layer.data_format == "channels_last" and _width(layer) <= MOST_INPUTS)
    return isinstance(layer, layers.Dense) and layer.input.ndim == 2 and _width(layer) <= MOST_INPUTS


def _width(layer: Any) -> int:
    return int(np.prod(layer.kernel.shape[:-1]))


class _Sums:
    """Sums over places of what goes into one output of a layer: of products two by two, and of values."""

    def __init__(self, width: int) -> None:
        self.products, self.values, self.count = np.zeros((width, width), np.float32), np.zeros(width), 0

    def add(self, rows: np.ndarray) -> None:
        """Adds those of some places (n, inputs)."""
        self.products += rows.T @ rows
        self.values += rows.sum(axis=0, dtype=np.float64)
        self.count += len(rows)

    def mean_products(self) -> np.ndarray:
        """Returns them as float64, and forgets the sums."""
        products = self.products.astype(np.float64)
        self.products = np.empty((0, 0), np.float32)
        products /= self.count
        return products


def _inputs(model: Any, layers: Sequence[Any], pictures: Iterable[np.ndarray]) -> list[_Sums]:
    import keras

    seen = keras.Model(model.inputs[0], [layer.input for layer in layers])
    found, draw = [_Sums(_width(layer)) for layer in layers], np.random.default_rng(0)
    for picture in pictures:
        for layer, sums, x in zip(layers, found, seen(picture, training=False), strict=True):
            rows = _rows(layer, x)
            sums.add(rows if len(rows) <= PLACES else rows[draw.choice(len(rows), PLACES, replace=False)])
    return found


def _rows(layer: Any, x: Any) -> np.ndarray:
    """Returns what goes into one output, for each place (n, inputs), in the order of the kernel's weights."""
    import tensorflow as tf

    if x.ndim == 2:
        return np.asarray(x)
    how = {
        "sizes": [1, *layer.kernel_size, 1],
        "strides": [1, *layer.strides, 1],
        "rates": [1, *layer.dilation_rate, 1],
    }
    patches = tf.image.extract_patches(x, **how, padding=layer.padding.upper())
    return np.asarray(patches).reshape(-1, patches.shape[-1])


def _rounded(kernel: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Returns the kernel (outputs, inputs) in steps of its own for each output, for inputs with these mean products.

    The largest weight of an output stays as it is, so that the steps that are found by it do, too.
    """
    upper = _factor_of_inverse(products)
    largest = np.abs(kernel).max(axis=1)
    step = np.where(largest > 0, largest, 1.0)[:, None] / STEPS
    is_largest = np.abs(kernel) == largest[:, None]
    left, done = kernel.copy(), np.empty_like(kernel)
    for start in range(0, kernel.shape[1], AT_ONCE):
        block = slice(start, start + AT_ONCE)
        errors = np.empty_like(left[:, block])
        for place in range(start, min(start + AT_ONCE, kernel.shape[1])):
            steps = np.clip(np.rint(left[:, place] / step[:, 0]), -STEPS, STEPS)
            done[:, place] = np.where(is_largest[:, place], kernel[:, place], steps * step[:, 0])
            errors[:, place - start] = (left[:, place] - done[:, place]) / upper[place, place]
            after = slice(place + 1, start + AT_ONCE)
            left[:, after] -= np.outer(errors[:, place - start], upper[place, after])
        left[:, block.stop :] -= errors @ upper[block, block.stop :]
    return done


def _factor_of_inverse(products: np.ndarray) -> np.ndarray:
    """Returns the upper Cholesky factor of the inverse of mean products, damped, in their place where it can."""
    from scipy.linalg import lapack

    given = products.T  # the same, in the order that LAPACK works in without a copy
    given[np.diag_indices_from(given)] += DAMPING * np.diag(given).mean() + np.finfo(float).tiny
    factor, first = lapack.dpotrf(given, lower=1, overwrite_a=1)
    inverse, second = lapack.dpotri(factor, lower=1, overwrite_c=1)
    lower, third = lapack.dpotrf(inverse, lower=1, overwrite_a=1)
    if first or second or third:
        raise KerasVGGError("kernels can't be rounded: what the layers make of the pictures is not finite")
    upper: np.ndarray = lower.T
    return upper
