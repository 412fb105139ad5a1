"""Bilinear interpolation for a whole batch, as scipy, and so ImageDataGenerator, does it."""

from functools import cache
from typing import Any


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
