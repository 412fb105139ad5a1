"""Classifiers held against each other, two at a time, on pictures that all of them were given."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from kerasvgg.evaluation.holm import holm
from kerasvgg.evaluation.mcnemar import mcnemar

SURE = 0.05


class Pair(NamedTuple):
    """Two classifiers' places: `b` pictures only the first has right, `c` only the second.

    `p` is McNemar's, `corrected` the same with Holm's correction for all pairs.
    """

    first: int
    second: int
    b: int
    c: int
    p: float
    corrected: float

    @property
    def better(self) -> int | None:
        """The place of the one that is better, None without evidence that they differ."""
        if self.corrected >= SURE:
            return None
        return self.first if self.b > self.c else self.second


def compare(right: Sequence[Sequence[bool]]) -> list[Pair]:
    """Returns all pairs of classifiers, of each of which is told which pictures it has right, in one order."""
    found = []
    for first, second in combinations(range(len(right)), 2):
        sides = list(zip(right[first], right[second], strict=True))
        b, c = (sum(one and not other for one, other in pairs) for pairs in (sides, [side[::-1] for side in sides]))
        found.append((first, second, b, c, mcnemar(b, c)))
    corrected = holm([pair[-1] for pair in found])
    return [Pair(*pair, p) for pair, p in zip(found, corrected, strict=True)]
