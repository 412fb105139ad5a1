"""Whether two passes over the same pictures say the same."""

from collections.abc import Sequence
from typing import NamedTuple

from kerasvgg.evaluation.predictions import Prediction


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
