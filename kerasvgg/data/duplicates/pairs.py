"""Pictures that belong together, in pairs and in groups: exact and near duplicates, and those of one group."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kerasvgg.data.duplicates.align import align, common
from kerasvgg.data.duplicates.candidates import bands, candidates
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.thumbnail import SIDE


def groups(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Returns for each number from 0 to `count` the least one that pairs, one after another, join it with."""
    leader = list(range(count))

    def least(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for first, second in pairs:
        one, other = sorted((least(first), least(second)))
        leader[other] = one
    return [least(number) for number in range(count)]


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


def similar_pairs(thumbnails: Sequence[np.ndarray | None], parts: Sequence[object] | None = None) -> list[Alike]:
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
    halved: np.ndarray = pictures.reshape(-1, SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    return halved


def _product(first: np.ndarray, second: np.ndarray, count: int) -> np.ndarray:
    products: np.ndarray = (bands(first, count) * bands(second, count)).sum(axis=1)
    return products


class DuplicatePair(NamedTuple):
    """Two pictures that are one; `likeness` is 1 for the same file."""

    first: Picture
    second: Picture
    likeness: float = 1.0
    mirrored: bool = False


def exact_duplicates(pictures: Sequence[Picture], across: bool = False) -> list[DuplicatePair]:
    """Returns each picture whose file is there before, with that one; `across`: with one in another part of the split.

    Pictures come in their order.
    """
    before: defaultdict[str, list[Picture]] = defaultdict(list)
    found = []
    for picture in pictures:
        others = (other for other in before[picture.sha256] if not across or other.split != picture.split)
        if other := next(others, None):
            found.append(DuplicatePair(other, picture))
        before[picture.sha256].append(picture)
    return found


def torn_groups(pictures: Sequence[Picture]) -> list[DuplicatePair]:
    """Returns two pictures from different parts of the split for each group that lies in several."""
    before: dict[str, Picture] = {}
    torn: dict[str, DuplicatePair] = {}
    for picture in pictures:
        first = before.setdefault(picture.group, picture)
        if picture.group and first.split != picture.split:
            torn.setdefault(picture.group, DuplicatePair(first, picture))
    return list(torn.values())


def near_duplicates(pictures: Sequence[Picture], across: bool = False) -> list[DuplicatePair]:
    """Returns the pairs of different files that show the same; `across`: only those of different parts of the split.

    Of equal files the first is looked at, or the first in each part.
    """
    distinct = list({(picture.sha256, picture.split if across else ""): picture for picture in pictures[::-1]}.values())
    distinct.reverse()
    parts = [picture.split for picture in distinct] if across else None
    found = similar_pairs([picture.thumbnail for picture in distinct], parts)
    pairs = ((distinct[one.first], distinct[one.second], one) for one in found)
    return [
        DuplicatePair(first, second, one.likeness, one.mirrored)
        for first, second, one in pairs
        if first.sha256 != second.sha256
    ]


def joined(pictures: Sequence[Picture], alike: bool = True) -> list[int]:
    """Returns for each picture the number of the first that it belongs together with: of its group.

    With `alike`, also those that show the same.
    """
    place = {id(picture): number for number, picture in enumerate(pictures)}
    doubles = exact_duplicates(pictures) + near_duplicates(pictures) if alike else []
    pairs = [(place[id(one.first)], place[id(one.second)]) for one in doubles]
    first: dict[str, int] = {}
    pairs += [(first.setdefault(one.group, number), number) for number, one in enumerate(pictures) if one.group]
    return groups(len(pictures), pairs)
