"""Figures about a split, all from its predictions."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

from kerasvgg.evaluation.intervals import wilson
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.report import class_reports


def metrics(class_names: Sequence[str], predictions: Sequence[Prediction]) -> dict[str, Any]:
    """Returns n, correct, accuracy with its 95 % interval, mean cross entropy in nats, confusion matrix, class reports.

    In the matrix a row is a true class and a column a predicted one, in the order of `class_names`.
    """
    pairs = Counter((one.true, one.predicted) for one in predictions)
    confusion = [[pairs[true, predicted] for predicted in class_names] for true in class_names]
    n, correct = len(predictions), sum(pairs[name, name] for name in class_names)
    of_true = (one.probabilities[class_names.index(one.true)] for one in predictions)
    return {
        "n": n,
        "correct": correct,
        "accuracy": correct / n,
        "interval_95": wilson(correct, n),
        "loss": sum(-math.log(max(p, 1e-7)) for p in of_true) / n,
        "classes": list(class_names),
        "confusion": confusion,
        "per_class": class_reports(class_names, confusion),
    }
