"""Thumbnails as unit vectors of frequencies, whose products say how alike they are."""

from functools import cache

import numpy as np


def bands(pictures: np.ndarray, count: int) -> np.ndarray:
    """Returns float32 unit vectors (n, count² - 1) of the lowest frequencies of gray pictures (n, side, side).

    They are a cosine transform's coefficients times their frequency, which evens out that photos have more of the low
    ones. Brightness is left out, contrast does not count.
    """
    basis = _cosines(count, pictures.shape[1])
    found = basis @ pictures.astype(np.float32) @ basis.T
    found *= np.hypot(*np.mgrid[:count, :count]).astype(np.float32)
    rows = found.reshape(len(pictures), count * count)[:, 1:]
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def odd(count: int) -> np.ndarray:
    """Returns which entries of the vectors change their sign when a picture is mirrored."""
    return np.arange(1, count * count) % count % 2 == 1


@cache
def _cosines(count: int, side: int) -> np.ndarray:
    waves = np.cos(np.pi * np.arange(count)[:, None] * (np.arange(side) + 0.5) / side)
    return (waves / np.linalg.norm(waves, axis=1, keepdims=True)).astype(np.float32)
