"""What an export says beside what Keras says of the same pictures, and whether it may leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasvgg.evaluation.compare import SURE, compare
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.evaluation.thresholds import called

CLEAR = 0.05  # between the two best probabilities, from which on a label is not a matter of rounding
MOST_CHANGED = 0.005  # of the pictures may have another clear label, but always one
EXACT = 1e-4  # that a probability of a float32 export may have moved; what was seen is below 1e-5
USUAL_SHIFT = 0.1


@dataclass(frozen=True)
class Proof:
    """One export beside Keras on `n` pictures; shares of those whose class is known are None where none is.

    `largest` is the largest difference of a probability, `changed` how many labels are others, `clear` how many of
    these Keras was clear about (see CLEAR). `accuracy_before` is Keras'. `p` is McNemar's.
    """

    n: int
    largest: float
    changed: int
    clear: int
    accuracy_before: float | None = None
    accuracy: float | None = None
    interval_95: tuple[float, float] | None = None
    p: float | None = None

    def refusals(self, *, is_int8: bool, most_shift: float = USUAL_SHIFT) -> list[str]:
        """Returns in a sentence each why this export may not leave; of a float32 one much more is expected."""
        found, most_clear = [], max(1, int(MOST_CHANGED * self.n))
        most_shift = most_shift if is_int8 else min(EXACT, most_shift)
        if not self.largest <= most_shift:  # NaN is refused, too
            found.append(f"a probability moved by {self.largest:.2g}, more than {most_shift:g}")
        if self.clear > most_clear:
            found.append(
                f"{self.clear:,} of {self.n:,} labels changed that Keras is clear about, more than {most_clear:,}"
            )
        before, now, p = self.accuracy_before, self.accuracy, self.p
        if before is not None and now is not None and p is not None and now < before and p < SURE:
            found.append(f"accuracy fell from {100 * before:.1f} to {100 * now:.1f} % (McNemar's p {p:.2g})")
        return found


def prove(before: np.ndarray, now: np.ndarray, true: Sequence[str | None], about: Mapping[str, Any]) -> Proof:
    """Compares probabilities (n, classes) of Keras and of an export; `true` are the classes, None where not known."""
    names, thresholds = about["class_names"], about["thresholds"]
    labels = [[called(row, names, thresholds) for row in rows] for rows in (before, now)]
    changed = [place for place, (old, new) in enumerate(zip(*labels, strict=True)) if old != new]
    clear = sum(_gap(before[place], now[place], thresholds) > CLEAR for place in changed)
    largest = float(np.abs(now - before).max()) if len(before) else 0.0
    return Proof(len(before), largest, len(changed), clear, **_accuracies(labels, true))


def _gap(before: np.ndarray, now: np.ndarray, thresholds: Sequence[float] | None) -> float:
    """Returns how far apart the two best were, or twice how far from its threshold a class that came or went was."""
    if thresholds is None:
        second, first = np.sort(before)[-2:]
        return float(first - second)
    limits = np.array(thresholds)
    return float(2 * np.abs(before - limits)[(before >= limits) != (now >= limits)].max())


def _accuracies(labels: Sequence[Sequence[str]], true: Sequence[str | None]) -> dict[str, Any]:
    known = [place for place, label in enumerate(true) if label is not None]
    if not known:
        return {}
    right = [[some[place] == true[place] for place in known] for some in labels]
    before, now = (sum(some) for some in right)
    interval = wilson(now, len(known))
    return {
        "accuracy_before": before / len(known),
        "accuracy": now / len(known),
        "interval_95": interval,
        "p": compare(right)[0].p,
    }
