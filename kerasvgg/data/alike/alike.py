"""Pictures that show the same: resized, compressed again, cropped by a little, brightened or mirrored."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kerasvgg.data.alike.align import align, common
from kerasvgg.data.alike.bands import bands
from kerasvgg.data.alike.candidates import candidates
from kerasvgg.data.alike.thumbnail import SIDE

LEAST = 0.9  # of 1, when they lie over each other; docs/check.md says what that finds and what it takes for alike
WORTH = 0.7  # that they must have at half the side to be looked at closely
COUNT = 16  # frequencies each way
TOGETHER = 1024  # pairs at once, which take some 100 MB


class Alike(NamedTuple):
    """Numbers of two pictures, from 0; how alike they are, up to 1; whether one is the other's mirror image."""

    first: int
    second: int
    likeness: float
    mirrored: bool


def alike(thumbnails: Sequence[np.ndarray | None], parts: Sequence[object] | None = None) -> list[Alike]:
    """Returns the pairs of pictures that look alike, by number; one without a thumbnail is alike to none.

    With `parts`, one for each picture, only pairs from different parts are looked at.
    """
    known = np.array([number for number, one in enumerate(thumbnails) if one is not None], dtype=np.intp)
    if len(known) < 2:
        return []
    pictures = np.stack([one for one in thumbnails if one is not None])
    likely = candidates(pictures, None if parts is None else [parts[number] for number in known])
    best: dict[tuple[int, int], Alike] = {}
    for mirrored, (first, second, _) in zip((False, True), likely, strict=True):
        others = pictures[:, :, ::-1] if mirrored else pictures
        for one, other, likeness in _close(pictures, others, first, second):
            pair = min(known[one], known[other]), max(known[one], known[other])
            if pair not in best or likeness > best[pair].likeness:
                best[pair] = Alike(int(pair[0]), int(pair[1]), likeness, mirrored)
    return [best[pair] for pair in sorted(best)]


def _close(
    pictures: np.ndarray, others: np.ndarray, first: np.ndarray, second: np.ndarray
) -> Iterator[tuple[int, int, float]]:
    for start in range(0, len(first), TOGETHER):
        some, more = first[start : start + TOGETHER], second[start : start + TOGETHER]
        likeness = _likeness(pictures[some].astype(np.float32), others[more].astype(np.float32))
        for place in np.flatnonzero(likeness >= LEAST):
            yield int(some[place]), int(more[place]), float(likeness[place])


def _likeness(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns how alike the pairs of pictures (n, side, side) are when they lie over each other as well as they can."""
    first, second = _by_contrast(first, second)
    nowhere = np.zeros((len(first), 4), np.float32)
    small = _half(first), _half(second)
    roughly = align(*small, nowhere, steps=3)
    likeness = _product(*common(*small, roughly), COUNT // 2)
    worth = likeness >= WORTH
    likeness[~worth] = 0
    first, second = first[worth], second[worth]
    found = align(first, second, roughly[worth], steps=4)
    likeness[worth] = _product(*common(first, second, found), COUNT)
    return likeness


def _by_contrast(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the pairs with the fainter one first, so that it does not matter which one came first."""
    turned = (first.std(axis=(1, 2)) > second.std(axis=(1, 2)))[:, None, None]
    return np.where(turned, second, first), np.where(turned, first, second)


def _half(pictures: np.ndarray) -> np.ndarray:
    return pictures.reshape(-1, SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))


def _product(first: np.ndarray, second: np.ndarray, count: int) -> np.ndarray:
    return (bands(first, count) * bands(second, count)).sum(axis=1)
