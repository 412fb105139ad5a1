"""Figures about a split, all from its predictions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.evaluation.calibration import expected_calibration_error, reliability_of, shares
from kerasvgg.evaluation.confused import most_confused
from kerasvgg.evaluation.intervals import wilson
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.report import class_reports
from kerasvgg.evaluation.temperature import SMALLEST, calibrated


def metrics(class_names: Sequence[str], predictions: Sequence[Prediction], temperature: float = 1.0) -> dict[str, Any]:
    """Returns n, correct, accuracy with its 95 % interval, mean cross entropy in nats, confusion matrix, class reports.

    In the matrix a row is a true class and a column a predicted one, in the order of `class_names`; its rates are
    shares of the row. Calibration is told before and after the `temperature`. Raises DataError without a prediction.
    """
    if not predictions:
        raise DataError("`predictions` must be of at least one picture, received none")
    pairs = Counter((one.true, one.predicted) for one in predictions)
    confusion = [[pairs[true, predicted] for predicted in class_names] for true in class_names]
    n, correct = len(predictions), sum(pairs[name, name] for name in class_names)
    return {
        "n": n,
        "correct": correct,
        "accuracy": correct / n,
        "interval_95": wilson(correct, n),
        "loss": _loss(class_names, predictions, shares(predictions)),
        "classes": list(class_names),
        "confusion": confusion,
        "confusion_rates": [[count / (sum(row) or 1) for count in row] for row in confusion],
        "most_confused": most_confused(class_names, confusion),
        "per_class": class_reports(class_names, confusion),
        "calibration": _calibration(class_names, predictions, temperature),
    }


def _loss(class_names: Sequence[str], predictions: Sequence[Prediction], probabilities: np.ndarray) -> float:
    numbers = {name: number for number, name in enumerate(class_names)}
    of_true = probabilities[np.arange(len(predictions)), [numbers[one.true] for one in predictions]]
    return float(0.0 - np.log(np.maximum(of_true, SMALLEST)).mean())  # and not -0.0 where all is right


def _calibration(class_names: Sequence[str], predictions: Sequence[Prediction], temperature: float) -> dict[str, float]:
    before = shares(predictions)
    after = calibrated(before, temperature)
    return {
        "ece": expected_calibration_error(reliability_of(predictions, before)),
        "temperature": temperature,
        "ece_calibrated": expected_calibration_error(reliability_of(predictions, after)),
        "loss_calibrated": _loss(class_names, predictions, after),
    }
