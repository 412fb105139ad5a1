"""Pairs of thumbnails that are worth a closer look."""

from collections.abc import Iterator, Sequence

import numpy as np

from kerasvgg.data.alike.bands import bands, odd

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
