"""Whether a model is right as often as it says."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kerasvgg.evaluation.predictions import Prediction

BINS = 15


class Bin(NamedTuple):
    """Predictions with nearly the same probability: how many, their mean probability, and how many of them are right
    (both shares, NaN in an empty bin).
    """

    n: int
    confidence: float
    accuracy: float


def reliability(confidences: np.ndarray, right: np.ndarray, bins: int = BINS) -> list[Bin]:
    """Returns bins of equal width from 0 to 1, each with its upper edge, of the predicted classes' probabilities (n,).

    `right` (n,) tells which predictions are. What is no number is in no bin.
    """
    place = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidences)
    place[np.isnan(confidences)] = -1
    return [_bin(confidences[place == i], right[place == i]) for i in range(bins)]


def _bin(confidences: np.ndarray, right: np.ndarray) -> Bin:
    if not len(right):
        return Bin(0, math.nan, math.nan)
    return Bin(len(right), float(confidences.mean()), float(right.mean()))


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """Returns how far accuracy and confidence are apart, over bins weighted by their counts (Guo et al. 2017).

    It is NaN where all bins are empty.
    """
    n = sum(one.n for one in bins)
    return sum(one.n * abs(one.accuracy - one.confidence) for one in bins if one.n) / n if n else math.nan


def shares(predictions: Sequence[Prediction]) -> np.ndarray:
    """Returns the probabilities as float64 (n, classes)."""
    return np.array([one.probabilities for one in predictions])


def reliability_of(predictions: Sequence[Prediction], probabilities: np.ndarray) -> list[Bin]:
    """Returns the bins of predictions, with these probabilities (n, classes) in place of their own."""
    right = np.array([one.predicted == one.true for one in predictions])
    return reliability(probabilities.max(axis=1), right)
