"""Findings about pictures that are there twice."""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from kerasvgg.checks.kinds import KINDS, LEVELS, Finding
from kerasvgg.checks.survey import Survey
from kerasvgg.data.duplicates import Double, exact, near
from kerasvgg.data.images import decode
from kerasvgg.data.split import Picture
from kerasvgg.errors import DataError

SURELY = 0.995  # likeness from which on two pictures of one size may have the same pixels
LARGEST = 1_000_000  # pixels that are compared where a thumbnail tells nothing


class Copy(NamedTuple):
    """Two pictures that are one, and what that is called."""

    double: Double
    kind: str

    @property
    def finding(self) -> Finding:
        """What is to be said of it."""
        first, second, likeness, _ = self.double
        apart = (first.split, second.split), (first.label, second.label)
        words = [" and ".join(two) for two in apart if two[0] != two[1]]
        if first.sha256 != second.sha256 and not self.kind.startswith("same"):
            words.append(f"likeness {likeness:.3f}")
        return Finding(self.kind, (first.path, second.path), ", ".join(words))


def copies(survey: Survey) -> list[Copy]:
    """Returns the pairs of pictures that are one, the worst kind first; those alike are in the order of likeness."""
    found = [Copy(one, f"same-file{_where(one)}") for one in exact(survey.pictures)]
    across = {frozenset((one.first.path, one.second.path)): one for one in exact(survey.pictures, across=True)}
    known = {frozenset((one.double.first.path, one.double.second.path)) for one in found}
    found += [Copy(one, f"same-file{_where(one)}") for pair, one in across.items() if pair not in known]
    found += [*_near(survey), *_small(survey)]
    order = list(KINDS)
    level = {kind: LEVELS.index(KINDS[kind].level) for kind in order}
    return sorted(found, key=lambda one: (level[one.kind], order.index(one.kind), -one.double.likeness))


def _near(survey: Survey) -> Iterator[Copy]:
    sizes = {one.picture.path: one.size for one in survey.surveyed}
    for one in near(survey.pictures):
        size, other = sizes[one.first.path], sizes[one.second.path]
        same = not one.mirrored and one.likeness >= SURELY and size == other
        if same:
            first, second = (_pixels(survey, picture, size) for picture in (one.first, one.second))
            same = np.array_equal(first, second)
        yield Copy(one, f"{'same-pixels' if same else 'mirrored' if one.mirrored else 'alike'}{_where(one)}")


def _small(survey: Survey) -> Iterator[Copy]:
    """Yields pictures with the same pixels among those whose thumbnails tell nothing: of few pixels or one colour."""
    before: dict[bytes, Picture] = {}
    for one in survey.surveyed:
        if one.picture.thumbnail is None and one.size[0] * one.size[1] <= LARGEST:
            pixels = repr(one.size).encode() + _pixels(survey, one.picture, one.size).tobytes()
            earlier = before.setdefault(hashlib.sha256(pixels).digest(), one.picture)
            if earlier.sha256 != one.picture.sha256:
                double = Double(earlier, one.picture)
                yield Copy(double, f"same-pixels{_where(double)}")


def _where(one: Double) -> str:
    if one.first.split != one.second.split:
        return "-across-parts"
    return "-two-classes" if one.first.label != one.second.label else ""


def _pixels(survey: Survey, picture: Picture, size: tuple[int, int]) -> np.ndarray:
    try:
        return decode(survey.root / picture.path, size[::-1])
    except DataError:  # gone since it was looked at
        return np.frombuffer(picture.sha256.encode(), np.uint8)
