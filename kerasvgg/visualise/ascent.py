"""Two ways to climb to a picture that excites a filter: the chapter's, and a regularised one."""

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
        shown: np.ndarray = (np.clip(pixels * CONTRAST + 0.5, 0, 1) * 255).astype(np.uint8)
        return shown


# How the colours of ImageNet's photos vary together: the columns are light and dark, blue and orange, green and red.
COLOURS = np.array([[0.26, 0.09, 0.02], [0.27, 0.0, -0.05], [0.27, -0.09, 0.03]], dtype=np.float32)
START = 0.01
SHIFT, ZOOM = 0.06, 0.1  # of the side
BETA1, BETA2 = 0.9, 0.999  # Adam's


class RegularisedAscent:
    """Pictures whose low frequencies are learnt as fast as their high ones, seen under small shifts and zooms."""

    def __init__(
        self, shape: tuple[int, ...], excite: Callable[[Any], Any], random: np.random.Generator, step_size: float
    ) -> None:
        import tensorflow as tf

        count, height, width, channels = shape
        self._random, self._count, self._steps = random, count, 0
        start = START * random.standard_normal((2, count, channels, height, width // 2 + 1))
        self._state = (tf.constant(start, tf.float32), tf.zeros(start.shape), tf.zeros(start.shape))
        self._pixels = _painter((height, width), channels)

        def step(state: Any, boxes: Any, number: Any) -> Any:
            spectrum, mean, square = state
            with tf.GradientTape() as tape:
                tape.watch(spectrum)
                moved = tf.image.crop_and_resize(
                    self._pixels(spectrum), boxes, tf.range(count), (height, width), extrapolation_value=127.5
                )
                excitement = excite(moved)
            gradient = tape.gradient(excitement, spectrum)
            mean = BETA1 * mean + (1 - BETA1) * gradient
            square = BETA2 * square + (1 - BETA2) * tf.square(gradient)
            move = mean / (1 - BETA1**number) / (tf.sqrt(square / (1 - BETA2**number)) + 1e-8)
            return spectrum + step_size * move, mean, square

        self._step = tf.function(step, autograph=False)

    def step(self) -> None:
        """Goes one step up."""
        import tensorflow as tf

        self._steps += 1
        middle = 0.5 + self._random.uniform(-SHIFT, SHIFT, (self._count, 2))
        half = 0.5 * (1 + self._random.uniform(-ZOOM, ZOOM, (self._count, 1)))
        boxes = np.concatenate([middle - half, middle + half], axis=1)
        self._state = self._step(self._state, tf.constant(boxes, tf.float32), tf.constant(float(self._steps)))

    def pictures(self) -> np.ndarray:
        """Returns the pictures as uint8."""
        return np.asarray(self._pixels(self._state[0])).astype(np.uint8)


def _painter(size: tuple[int, int], channels: int) -> Callable[[Any], Any]:
    """Returns the function from a spectrum (2, n, channels, height, width // 2 + 1) to pixels 0..255."""
    import tensorflow as tf

    height, width = size
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None])
    scale = (np.sqrt(height * width) / np.maximum(frequency, 1 / max(size))).astype(np.float32)
    colours = COLOURS / np.linalg.norm(COLOURS, axis=0).max()

    def paint(spectrum: Any) -> Any:
        waves = tf.signal.irfft2d(tf.complex(spectrum[0] * scale, spectrum[1] * scale), size) / 4
        pixels = tf.transpose(waves, (0, 2, 3, 1))
        return 255 * tf.sigmoid(pixels @ colours.T if channels == len(colours) else pixels)

    return paint
