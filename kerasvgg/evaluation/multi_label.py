"""Figures of predictions with several classes a picture."""

from collections.abc import Sequence
from typing import Any, TypedDict

import numpy as np

from kerasvgg.data.targets import targets
from kerasvgg.evaluation.calibration import (
    calibration_bins,
    cross_entropies,
    expected_calibration_error,
    probabilities,
)
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.statistics import wilson


class LabelReport(TypedDict):
    """Shares from 0 to 1 of one class. `average_precision` is of the order by probability, None where no picture has
    the class; precision, recall with its 95 % interval (None likewise) and f1 are of what is predicted; `n` pictures
    have the class.
    """

    average_precision: float | None
    precision: float
    recall: float
    recall_interval_95: tuple[float, float] | None
    f1: float
    n: int


def multi_label_figures(
    class_names: Sequence[str], predictions: Sequence[Prediction], times: int = 1
) -> dict[str, Any]:
    """Returns loss, mean average precision, F1 over all and as the mean of classes, a report per class, calibration.

    The loss is the mean binary cross entropy in nats. A share of nothing is 0, as in scikit-learn; the mean average
    precision is of the classes that a picture has. Calibration is of each class of each picture. Pictures are there so
    many `times`, which intervals know.
    """
    rows = probabilities(predictions)
    wanted = targets([one.true for one in predictions], class_names, multi_label=True)
    said = targets([one.predicted for one in predictions], class_names, multi_label=True)
    reports = {
        name: _report(wanted[:, place], said[:, place], rows[:, place], times) for place, name in enumerate(class_names)
    }
    precisions = [one["average_precision"] for one in reports.values() if one["average_precision"] is not None]
    error = expected_calibration_error(calibration_bins(rows, wanted))
    return {
        "multi_label": True,
        "loss": float(cross_entropies(rows, wanted).mean()),
        "classes": list(class_names),
        "mean_average_precision": float(np.mean(precisions)) if precisions else None,
        "f1_micro": _f1(wanted.ravel(), said.ravel()),
        "f1_macro": float(np.mean([one["f1"] for one in reports.values()])),
        "per_class": reports,
        "calibration": {"ece": error, "temperature": 1.0, "ece_calibrated": error},
    }


def _report(wanted: np.ndarray, said: np.ndarray, probabilities: np.ndarray, times: int) -> LabelReport:
    hits, n, called = int((wanted & said).sum()), int(wanted.sum()), int(said.sum())
    return {
        "average_precision": average_precision(probabilities, wanted) if n else None,
        "precision": hits / called if called else 0.0,
        "recall": hits / n if n else 0.0,
        "recall_interval_95": wilson(hits / times, n / times) if n else None,
        "f1": _f1(wanted, said),
        "n": n,
    }


def _f1(wanted: np.ndarray, said: np.ndarray) -> float:
    both = int(wanted.sum() + said.sum())
    return 2 * int((wanted & said).sum()) / both if both else 0.0


def average_precision(probabilities: np.ndarray, wanted: np.ndarray) -> float:
    """Returns the precisions at each probability, weighted by how much the recall grows there.

    `probabilities` and `wanted`, 0 or 1, are (n,), and one at least is 1. Nothing is interpolated (as in scikit-learn).
    """
    order = np.argsort(-probabilities, kind="stable")
    falling, hits = probabilities[order], wanted[order].cumsum()
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)  # of pictures with one probability
    precision = hits[ends] / (ends + 1)
    return float((np.diff(hits[ends], prepend=0) * precision).sum() / hits[-1])
