"""Two models on the same pictures."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.statistics import holm, mcnemar


class Agreement(NamedTuple):
    """Of pictures that both have: how many were taken for another class, and the largest difference of a probability.

    `missing` pictures only one of them has.
    """

    changed: int
    largest: float
    missing: int


def agreement(before: Sequence[Prediction], now: Sequence[Prediction]) -> Agreement:
    """Compares predictions by path; the classes must be the same, in the same order."""
    old, new = ({one.path: one for one in some} for some in (before, now))
    both = [(old[path], new[path]) for path in old if path in new]
    differences = (
        abs(a - b) for one, other in both for a, b in zip(one.probabilities, other.probabilities, strict=True)
    )
    changed = sum(one.predicted != other.predicted for one, other in both)
    return Agreement(changed, max(differences, default=0.0), len(old.keys() ^ new.keys()))


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
