"""Every figure that follows from predictions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.evaluation.calibration import (
    calibrated,
    cross_entropies,
    error_by_chance,
    expected_calibration_error,
    overconfidence,
    probabilities,
    reliability_of,
)
from kerasvgg.evaluation.folds import SHARED, fold_accuracy
from kerasvgg.evaluation.multi_label import multi_label_figures
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.statistics import wilson


class ClassReport(TypedDict):
    """Shares from 0 to 1: how much of what was called so is so, how much of what is so was called so, with its 95 %
    interval (None without pictures), their harmonic mean; `n` pictures are of the class.
    """

    precision: float
    recall: float
    recall_interval_95: tuple[float, float] | None
    f1: float
    n: int


def class_reports(
    class_names: Sequence[str], confusion: Sequence[Sequence[int]], times: int = 1
) -> dict[str, ClassReport]:
    """Returns a report per class; rows of the matrix are true classes. A share of nothing is 0, as in scikit-learn.

    In the matrix each picture counts so many `times`, in intervals once.
    """
    reports: dict[str, ClassReport] = {}
    for place, name in enumerate(class_names):
        right, n = confusion[place][place], sum(confusion[place])
        called = sum(row[place] for row in confusion)
        reports[name] = {
            "precision": right / called if called else 0.0,
            "recall": right / n if n else 0.0,
            "recall_interval_95": wilson(right / times, n / times) if n else None,
            "f1": 2 * right / (called + n) if called + n else 0.0,
            "n": n,
        }
    return reports


MOST = 10


class Confused(TypedDict):
    """So many pictures of `true` were called `predicted`; `share` of the class's pictures, 0 to 1."""

    true: str
    predicted: str
    count: int
    share: float


def most_confused(class_names: Sequence[str], confusion: Sequence[Sequence[int]], most: int = MOST) -> list[Confused]:
    """Returns the most frequent mistakes, the most frequent first; equal counts by the higher share."""
    found: list[Confused] = [
        {"true": true, "predicted": predicted, "count": count, "share": count / sum(row)}
        for true, row in zip(class_names, confusion, strict=True)
        for predicted, count in zip(class_names, row, strict=True)
        if count and true != predicted
    ]
    return sorted(found, key=lambda one: (-one["count"], -one["share"]))[:most]


def metrics(
    class_names: Sequence[str],
    predictions: Sequence[Prediction],
    temperature: float = 1.0,
    groups: Sequence[int] | None = None,
    *,
    shared: float = SHARED,
    multi_label: bool = False,
) -> dict[str, Any]:
    """Returns n, correct, accuracy with its 95 % interval, mean cross entropy in nats, confusion matrix, class reports.

    Of `multi_label` predictions a picture is correct if all of its classes are, and `multi_label_figures` come with
    that. In the matrix a row is a true class and a column a predicted one, in the order of `class_names`; its rates are
    shares of the row. Calibration is told before and after the `temperature`. Of predictions by folds, once or several
    times over, `groups` are the numbers of once, and the interval is that of `fold_accuracy`, as it is for groups of
    test pictures with `shared` 1; other intervals are of the first time. Raises DataError without a prediction.
    """
    if not predictions:
        raise DataError("`predictions` must be of at least one picture, received none")
    n, correct = len(predictions), sum(one.true == one.predicted for one in predictions)
    times = n // len(groups) if groups else 1
    interval = _interval(predictions, correct, groups, shared)
    counts = {"n": n, "correct": correct, "accuracy": correct / n, **interval}
    if multi_label:
        return counts | multi_label_figures(class_names, predictions, times)
    return counts | _one_class_figures(class_names, predictions, temperature, times)


def _one_class_figures(
    class_names: Sequence[str], predictions: Sequence[Prediction], temperature: float, times: int
) -> dict[str, Any]:
    pairs = Counter((one.true, one.predicted) for one in predictions)
    confusion = [[pairs[true, predicted] for predicted in class_names] for true in class_names]
    return {
        "loss": _loss(class_names, predictions, probabilities(predictions)),
        "classes": list(class_names),
        "confusion": confusion,
        "confusion_rates": [[count / (sum(row) or 1) for count in row] for row in confusion],
        "most_confused": most_confused(class_names, confusion),
        "per_class": class_reports(class_names, confusion, times),
        "calibration": _calibration(class_names, predictions, temperature, times),
    }


def _interval(
    predictions: Sequence[Prediction], correct: int, groups: Sequence[int] | None, shared: float
) -> dict[str, Any]:
    if groups is None:
        return {"interval_95": wilson(correct, len(predictions))}
    right = np.array([one.true == one.predicted for one in predictions])
    found = fold_accuracy(right.reshape(-1, len(groups)), np.array(groups), shared)
    return {"interval_95": (found.low, found.high), "independent": found.independent}


def _loss(class_names: Sequence[str], predictions: Sequence[Prediction], probabilities: np.ndarray) -> float:
    numbers = {name: number for number, name in enumerate(class_names)}
    return float(cross_entropies(probabilities, np.array([numbers[one.true] for one in predictions])).mean())


def _calibration(
    class_names: Sequence[str], predictions: Sequence[Prediction], temperature: float, times: int
) -> dict[str, Any]:
    before = probabilities(predictions)
    after = calibrated(before, temperature)
    once = len(predictions) // times
    confidences = after.max(axis=1)[:once]
    gap, interval = overconfidence(confidences, np.array([one.predicted == one.true for one in predictions[:once]]))
    return {
        "ece": expected_calibration_error(reliability_of(predictions, before)),
        "temperature": temperature,
        "ece_calibrated": expected_calibration_error(reliability_of(predictions, after)),
        "ece_by_chance_95": error_by_chance(confidences),
        "overconfidence": gap,
        "overconfidence_interval_95": interval,
        "loss_calibrated": _loss(class_names, predictions, after),
    }
