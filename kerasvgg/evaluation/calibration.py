"""Calibration of probabilities: how far they are from how often the model is right, and temperature scaling."""

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
    place = _bins_of(confidences, bins)
    place[np.isnan(confidences)] = -1
    return [_bin(confidences[place == i], right[place == i]) for i in range(bins)]


def _bins_of(confidences: np.ndarray, bins: int) -> np.ndarray:
    return np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidences)


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


DRAWS = 1000
QUANTILE = 0.95


def error_by_chance(confidences: np.ndarray) -> float:
    """Returns the expected calibration error that perfectly calibrated predictions exceed in 1 of 20 cases.

    It is that of predictions with these confidences (n,), each right with just this probability, drawn anew and anew by
    a fixed seed: bins with few pictures are never even. NaN without predictions.
    """
    draw = np.random.default_rng(0)
    known = confidences[~np.isnan(confidences)]
    if not len(known):
        return math.nan
    place = _bins_of(known, BINS)
    gaps = (np.bincount(place, (draw.random(len(known)) < known) - known) for _ in range(DRAWS))
    return float(np.quantile([np.abs(gap).sum() for gap in gaps], QUANTILE) / len(known))


def overconfidence(confidences: np.ndarray, right: np.ndarray) -> tuple[float, tuple[float, float]]:
    """Returns mean confidence minus accuracy, and its 95 % interval, of the predicted classes' probabilities (n,).

    The interval is of the mean of n differences, at least as wide as one picture more or less that is right makes it.
    """
    gaps = confidences - right
    mean, half = float(gaps.mean()), max(1.96 * float(gaps.std()) / math.sqrt(len(gaps)), 1 / len(gaps))
    return mean, (mean - half, mean + half)


def probabilities(predictions: Sequence[Prediction]) -> np.ndarray:
    """Returns the probabilities as float64 (n, classes)."""
    return np.array([one.probabilities for one in predictions])


def reliability_of(predictions: Sequence[Prediction], probabilities: np.ndarray) -> list[Bin]:
    """Returns the bins of predictions, with these probabilities (n, classes) in place of their own."""
    right = np.array([one.predicted == one.true for one in predictions])
    return reliability(probabilities.max(axis=1), right)


def calibration_bins(probabilities: np.ndarray, wanted: np.ndarray) -> list[Bin]:
    """Returns the bins of all classes of all pictures: how probable each is taken to be, and whether it is there.

    Both are (n, classes), `wanted` 0 and 1.
    """
    return reliability(probabilities.ravel(), wanted.ravel())


SMALLEST = 1e-7  # a probability below it has no logit worth the name
RANGE = 0.05, 20.0
STEPS = 80  # halvings, down to the last bit of a float
FEWEST = 100  # pictures
BEYOND_CHANCE = 3.84  # 95 % of chi-square with one degree of freedom


def cross_entropies(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns how little was expected of each true class (n,), in nats, at most that of the smallest probability.

    `probabilities` are (n, classes), `labels` the classes' numbers (n,) or, of several for a picture, 0 and 1 for each
    (n, classes): then it is the mean of the classes' binary cross entropies.
    """
    if labels.ndim == 2:
        of_what_is = np.where(labels == 1, probabilities, 1 - probabilities)
        return np.asarray(0.0 - np.log(np.maximum(of_what_is, SMALLEST)).mean(axis=1))
    of_true = probabilities[np.arange(len(labels)), labels]
    return np.asarray(0.0 - np.log(np.maximum(of_true, SMALLEST)))  # and not -0.0 where all is right


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns `best_temperature`, or 1 where it is no better than that, beyond chance (a likelihood ratio test).

    It is 1, too, for fewer than 100 pictures, where none is taken for another class, as no mistake says how sure is too
    sure, and where pictures have several classes, whose sigmoids it is not for.
    """
    if labels.ndim == 2:
        return 1.0
    if len(labels) < FEWEST or not np.isfinite(probabilities).all() or (probabilities.argmax(axis=1) == labels).all():
        return 1.0
    best = best_temperature(probabilities, labels)
    before, after = (
        np.log(softmax(_logits(probabilities) / temperature)[np.arange(len(labels)), labels])
        for temperature in (1, best)
    )
    return best if 2 * (after - before).sum() > BEYOND_CHANCE else 1.0


def best_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Returns the T from 0.05 to 20 with the least cross entropy of `calibrated(probabilities, T)`.

    `probabilities` are (n, classes), `labels` the classes' numbers (n,).
    """
    logits = _logits(probabilities)
    true = logits[np.arange(len(labels)), labels].mean()

    def slope(inverse: float) -> float:  # of the cross entropy, which is convex in 1 / T
        return float((softmax(logits * inverse) * logits).sum(axis=1).mean() - true)

    low, high = 1 / RANGE[1], 1 / RANGE[0]
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return min(max(2 / (low + high), RANGE[0]), RANGE[1])


def calibrated(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Returns probabilities (n, classes) with their logits divided by the temperature; their order stays."""
    if temperature == 1:
        return probabilities
    return softmax(_logits(probabilities) / temperature)


def _logits(probabilities: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(probabilities.astype(np.float64), SMALLEST))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Returns probabilities (n, classes) of logits."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))
