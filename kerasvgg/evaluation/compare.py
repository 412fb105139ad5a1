"""Two models on the same pictures."""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from kerasvgg.data.targets import targets
from kerasvgg.evaluation.aligned import AlignedPredictions
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


def compare_runs(runs: Sequence[AlignedPredictions]) -> tuple[list[Pair], dict[str, list[Pair]]]:
    """Returns all pairs of runs and, where pictures have several classes, the pairs by class.

    Right is a picture whose classes are all right; by class, whose prediction says rightly whether it is there. Holm's
    correction is for all pairs, and for all classes and pairs together.
    """
    predictions = [list(run.predictions.values()) for run in runs]
    pairs = compare([[one.predicted == one.true for one in some] for some in predictions])
    return pairs, _by_class(runs[0].class_names, predictions) if runs[0].multi_label else {}


def _by_class(class_names: Sequence[str], runs: Sequence[Sequence[Prediction]]) -> dict[str, list[Pair]]:
    labels = [([one.predicted for one in run], [one.true for one in run]) for run in runs]
    said = [[targets(some, class_names, multi_label=True) for some in both] for both in labels]
    right = [predicted == true for predicted, true in said]
    alone = {name: compare([one[:, place].tolist() for one in right]) for place, name in enumerate(class_names)}
    corrected = iter(holm([pair.p for pairs in alone.values() for pair in pairs]))
    return {name: [pair._replace(corrected=next(corrected)) for pair in pairs] for name, pairs in alone.items()}
