"""Gradient ascent on pixels, as the chapter does it."""

from collections.abc import Callable
from typing import Any

import numpy as np

GRAY, NOISE = 128.0, 20.0
CONTRAST = 0.1


class ChapterAscent:
    """Pictures from gray noise; each step goes along the gradient divided by its root mean square."""

    def __init__(
        self, shape: tuple[int, ...], excite: Callable[[Any], Any], random: np.random.Generator, step_size: float
    ) -> None:
        import tensorflow as tf

        self._pixels = tf.constant(GRAY + NOISE * random.random(shape), tf.float32)

        def step(pixels: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(pixels)
                excitement = excite(pixels)
            gradient = tape.gradient(excitement, pixels)
            mean = tf.reduce_mean(tf.square(gradient), axis=(1, 2, 3), keepdims=True)
            return pixels + step_size * gradient / (tf.sqrt(mean) + 1e-5)

        self._step = tf.function(step, autograph=False)

    def step(self) -> None:
        """Goes one step up."""
        self._pixels = self._step(self._pixels)

    def pictures(self) -> np.ndarray:
        """Returns the pictures as uint8: each around a middle gray, its contrast that of a photo."""
        pixels = np.asarray(self._pixels)
        pixels = pixels - pixels.mean(axis=(1, 2, 3), keepdims=True)
        pixels = pixels / (pixels.std(axis=(1, 2, 3), keepdims=True) + 1e-5)
        return (np.clip(pixels * CONTRAST + 0.5, 0, 1) * 255).astype(np.uint8)
