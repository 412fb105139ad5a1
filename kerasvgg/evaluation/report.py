"""How well each class is told, from a confusion matrix."""

from collections.abc import Sequence
from typing import TypedDict

from kerasvgg.evaluation.intervals import wilson


class ClassReport(TypedDict):
    """Shares from 0 to 1: how much of what was called so is so, how much of what is so was called so, with its 95 %
    interval (None without pictures), their harmonic mean; `n` pictures are of the class.
    """

    precision: float
    recall: float
    recall_interval_95: tuple[float, float] | None
    f1: float
    n: int


def class_reports(class_names: Sequence[str], confusion: Sequence[Sequence[int]]) -> dict[str, ClassReport]:
    """Returns a report per class; rows of the matrix are true classes. A share of nothing is 0, as in scikit-learn."""
    reports: dict[str, ClassReport] = {}
    for place, name in enumerate(class_names):
        right, n = confusion[place][place], sum(confusion[place])
        called = sum(row[place] for row in confusion)
        reports[name] = {
            "precision": right / called if called else 0.0,
            "recall": right / n if n else 0.0,
            "recall_interval_95": wilson(right, n) if n else None,
            "f1": 2 * right / (called + n) if called + n else 0.0,
            "n": n,
        }
    return reports
