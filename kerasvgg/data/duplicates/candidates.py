"""Pairs of thumbnails that are worth comparing, found without comparing all."""

from collections.abc import Iterator, Sequence
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
    vectors: np.ndarray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return vectors


def odd(count: int) -> np.ndarray:
    """Returns which entries of the vectors change their sign when a picture is mirrored."""
    odd: np.ndarray = np.arange(1, count * count) % count % 2 == 1
    return odd


@cache
def _cosines(count: int, side: int) -> np.ndarray:
    waves = np.cos(np.pi * np.arange(count)[:, None] * (np.arange(side) + 0.5) / side)
    basis: np.ndarray = (waves / np.linalg.norm(waves, axis=1, keepdims=True)).astype(np.float32)
    return basis


COUNT = 8  # frequencies each way
LEAST = 0.6  # of 1; of unrelated photos, one pair in ten thousand has more
MOST = 200_000  # pairs that are looked at, the likeliest ones
ROWS = 256  # that are compared with all others at once

Candidates = tuple[np.ndarray, np.ndarray, np.ndarray]  # numbers of the first, of the second, and how likely


def candidates(thumbnails: np.ndarray, parts: Sequence[object] | None = None) -> tuple[Candidates, Candidates]:
    """Returns the likely pairs among thumbnails (n, 32, 32): those alike as they are, and those with one mirrored.

    With `parts`, one for each thumbnail, only pairs of different parts are.
    """
    vectors = bands(thumbnails, COUNT)
    turning = odd(COUNT)
    kept: tuple[list[Candidates], list[Candidates]] = ([], [])
    for rows, columns, same in _rectangles(len(thumbnails), parts):
        steady = vectors[rows][:, ~turning] @ vectors[columns][:, ~turning].T
        turned = vectors[rows][:, turning] @ vectors[columns][:, turning].T
        for found, likeness in zip(kept, (steady + turned, steady - turned), strict=True):
            found.append(_likely(likeness, rows, columns, same))
            if sum(len(one[0]) for one in found) > 2 * MOST:
                found[:] = [_likeliest(found)]
    return _likeliest(kept[0]), _likeliest(kept[1])


def _rectangles(count: int, parts: Sequence[object] | None) -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Yields rows and columns that between them have every pair once, and whether they overlap."""
    everyone = np.arange(count)
    if parts is None:
        for start in range(0, count, ROWS):
            yield everyone[start : start + ROWS], everyone[start:], True
        return
    names = np.array([str(part) for part in parts])
    for name in sorted(set(names)):
        rows, columns = everyone[names == name], everyone[names > name]
        for start in range(0, len(rows) if len(columns) else 0, ROWS):
            yield rows[start : start + ROWS], columns, False


def _likely(likeness: np.ndarray, rows: np.ndarray, columns: np.ndarray, same: bool) -> Candidates:
    first, second = np.divmod(np.flatnonzero(likeness > LEAST), len(columns))
    if same:
        first, second = first[second > first], second[second > first]
    return rows[first], columns[second], likeness[first, second]


def _likeliest(found: Sequence[Candidates]) -> Candidates:
    nothing = np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32)
    first, second, likeness = (np.concatenate(column) for column in zip(nothing, *found, strict=True))
    if len(first) > MOST:
        best = np.argpartition(-likeness, MOST)[:MOST]
        first, second, likeness = first[best], second[best], likeness[best]
    return first, second, likeness
