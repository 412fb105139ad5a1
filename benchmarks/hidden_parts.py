"""Pictures with parts of them hidden, and what a model says of them then."""

from typing import Any

import numpy as np

from kerasvgg.visualise.layers import output_layer
from kerasvgg.visualise.record import record


def hottest(heat: np.ndarray, share: float, draw: np.random.Generator) -> np.ndarray:
    """Returns which pixels (height, width) are the hottest `share` of all; equally hot ones are drawn."""
    order = np.lexsort((draw.random(heat.size), -heat.ravel()))
    mask = np.zeros(heat.size, dtype=bool)
    mask[order[: round(share * heat.size)]] = True
    return mask.reshape(heat.shape)


def elsewhere(mask: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Returns a mask of the same form at a random place; what leaves the picture comes in on the other side."""
    return np.roll(mask, tuple(draw.integers(0, mask.shape)), axis=(0, 1))


def random_cells(shape: tuple[int, int], cells: tuple[int, int], share: float, draw: np.random.Generator) -> np.ndarray:
    """Returns a mask of `share` of a picture's pixels, made of random cells of a grid of `cells` (rows, columns)."""
    rank = draw.permutation(cells[0] * cells[1]).reshape(cells)
    row, column = (np.arange(side) * count // side for side, count in zip(shape, cells, strict=True))
    return hottest(-rank[row[:, None], column].astype(np.float32), share, draw)


def hidden(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Returns the picture (height, width, channels) as float32, its mean colour where the mask is."""
    pixels = image.astype(np.float32)
    return np.where(mask[..., None], pixels.mean(axis=(0, 1)), pixels)


def class_scores(model: Any, pictures: np.ndarray) -> np.ndarray:
    """Returns (n, classes) for pictures (n, height, width, channels): what comes before sigmoid or softmax.

    One sigmoid unit is two classes: the score of class 0 is minus its number.
    """
    result = np.asarray(record(model, pictures, linear=output_layer(model)).result)
    scores = result.reshape(len(pictures), -1)
    return np.concatenate([-scores, scores], axis=1) if scores.shape[1] == 1 else scores
