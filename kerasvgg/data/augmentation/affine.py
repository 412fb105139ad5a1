"""One affine transform per picture, in TensorFlow's graph."""

from collections.abc import Mapping, Sequence
from functools import cache
from math import cos, radians, sin
from typing import Any

import numpy as np


def matrices(transforms: Sequence[Mapping[str, Any]], height: int, width: int) -> np.ndarray:
    """Returns float64 (n, 2, 3): each makes an input pixel's x and y out of an output pixel's (x, y, 1).

    The transforms are those of ImageDataGenerator.get_random_transform: with rotation R, shift T, shear S and
    zoom Z, the output pixel at p shows the input at c + R T S Z (p - c), c being ImageDataGenerator's centre.
    """
    return np.array([_matrix(transform, height, width) for transform in transforms])


def linear_part(transform: Mapping[str, Any]) -> tuple[float, float, float, float]:
    """Returns rotation x shear x zoom as the matrix a, b, c, d: (x, y) becomes (ax + by, cx + dy)."""
    angle, shear = radians(transform.get("theta", 0)), radians(transform.get("shear", 0))
    zx, zy = transform.get("zx", 1), transform.get("zy", 1)
    return zx * cos(angle), -zy * sin(angle + shear), zx * sin(angle), zy * cos(angle + shear)


def _matrix(transform: Mapping[str, Any], height: int, width: int) -> tuple[tuple[float, ...], ...]:
    a, b, c, d = linear_part(transform)
    p, q, r, s = linear_part({"theta": transform.get("theta", 0)})
    tx, ty = transform.get("tx", 0), transform.get("ty", 0)
    x, y = (height - 1) / 2, (width - 1) / 2  # Keras measures x by the height and y by the width
    left, top = x - a * x - b * y + p * tx + q * ty, y - c * x - d * y + r * tx + s * ty
    if transform.get("flip_horizontal"):
        a, c, left, top = -a, -c, left + a * (width - 1), top + c * (width - 1)
    if transform.get("flip_vertical"):
        b, d, left, top = -b, -d, left + b * (height - 1), top + d * (height - 1)
    return (a, b, left), (c, d, top)


@cache
def resampler(fill_mode: str, cval: float) -> Any:
    """Returns a tf.function of images (n, height, width, channels) and matrices (n, 2, 3), which moves each image.

    It returns float32 tensors, bilinearly interpolated. uint8 is read fastest. XLA makes one loop of it, which looks up
    an output pixel's place once for all channels and keeps nothing in memory but the result; TensorFlow's own operation
    looks the place up for each channel. Compiling for a new shape takes a tenth of a second.
    """
    import tensorflow as tf

    @tf.function(jit_compile=True)
    def resample(images: Any, matrices: Any) -> Any:
        height, width, channels = images.shape[1:]
        x, y = (_places(matrices[:, row, :, None, None], height, width) for row in (0, 1))
        left, across = _corner(x, width, fill_mode)
        top, down = _corner(y, height, fill_mode)
        pixels = tf.reshape(images, (-1, channels))
        at = width * (height * tf.range(tf.shape(images)[0])[:, None, None] + top) + left

        def blend(first: Any) -> Any:
            one, other = (tf.cast(tf.gather(pixels, place), tf.float32) for place in (first, first + 1))
            return one + (other - one) * across

        upper, lower = blend(at), blend(at + width)
        blended = upper + (lower - upper) * down
        if fill_mode != "constant":
            return blended
        inside = (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)  # scipy, and so Keras, blends no border
        kept = tf.cast(inside[..., None], tf.float32)
        return kept * blended + (1 - kept) * cval  # XLA makes a slower loop of tf.where

    return resample


def _places(row: Any, height: int, width: int) -> Any:
    """Returns each output pixel's place in the input along one axis: (n, height, width)."""
    import tensorflow as tf

    x, y = tf.range(width, dtype=row.dtype), tf.range(height, dtype=row.dtype)[:, None]
    return row[:, 0] * x + (row[:, 1] * y + row[:, 2])


def _corner(at: Any, size: int, fill_mode: str) -> tuple[Any, Any]:
    """Returns the nearest pixel that comes before a place, and how far (0 to 1) the place is from it."""
    import tensorflow as tf

    inside = tf.clip_by_value(_folded(at, size, fill_mode), 0, size - 1)
    before = tf.minimum(tf.cast(inside, tf.int32), max(size - 2, 0))  # there must be a pixel behind it to blend with
    return before, tf.cast(inside - tf.cast(before, at.dtype), tf.float32)[..., None]


def _folded(at: Any, size: int, fill_mode: str) -> Any:
    """Returns the place that stands for one outside of the picture, as scipy, and so Keras, has it."""
    import tensorflow as tf

    if fill_mode == "reflect":  # d c b a | a b c d | d c b a
        there = at + 0.5 - 2 * size * tf.floor((at + 0.5) / (2 * size))
        return tf.minimum(there, 2 * size - there) - 0.5
    if fill_mode == "wrap":  # scipy's repeats after size - 1 pixels, not after size
        period = max(size - 1, 1)
        from_left = at + period * (tf.floor(-at / period) + 1)
        from_right = at - period * tf.floor(at / period)
        return tf.where(at < 0, from_left, tf.where(at > period, from_right, at))
    return at
