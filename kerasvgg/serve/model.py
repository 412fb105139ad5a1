"""What computes the answers: an export by the runtime that it is for, or a run's model by kerasvgg's own engines."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kerasvgg.data.pictures.decode import Content, decode, gray, size_of
from kerasvgg.data.pictures.resizing import Resizing

LARGE = 16_000_000  # pixels of a picture, from which on only one is decoded at a time, whatever memory it takes
PICTURE = "picture"  # what one is called in messages
_TURN = threading.Lock()


@dataclass(frozen=True)
class About:
    """What is to be known of a model to ask it; names and numbers are as in an export's metadata.

    `engine` is what computes it, in words, and `has_maps` tells whether it gives class activation maps.
    """

    class_names: tuple[str, ...]
    resizing: Resizing
    channels: int
    thresholds: tuple[float, ...] | None
    temperature: float
    engine: str
    has_maps: bool = False


class Rows(NamedTuple):
    """Probabilities (n, classes), and class activation maps (n, rows, columns, classes) where the model has them."""

    probabilities: np.ndarray
    maps: np.ndarray | None


@dataclass(frozen=True)
class Model:
    """A model that is open: `run` makes of pictures, float32 (n, height, width, channels) of 0..255, their rows."""

    about: About
    run: Callable[[np.ndarray], Rows]

    def pixels(self, content: bytes) -> np.ndarray:
        """Returns a picture as the model takes it: float32 (height, width, channels). Raises DataError for none."""
        picture = Content(PICTURE, content)
        width, height = size_of(picture)
        with _TURN if width * height > LARGE else nullcontext():
            pixels = decode(picture, *self.about.resizing)
        return (pixels if self.about.channels == 3 else gray(pixels)).astype(np.float32)


def drawn(about: About, count: int) -> np.ndarray:
    """Returns coarse patterns of colours, drawn by a fixed seed, as the model takes pictures."""
    (height, width), random = about.resizing.image_size, np.random.default_rng(0)
    coarse = random.integers(0, 256, (count, 4, 4, about.channels)).astype(np.float32)
    rows, columns = (np.arange(side) * 4 // side for side in (height, width))
    return np.ascontiguousarray(coarse[:, rows][:, :, columns])
