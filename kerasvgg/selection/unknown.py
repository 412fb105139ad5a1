"""Novelty detection: what features of training pictures look like, and from which distance on a picture is unknown."""

import math
from dataclasses import replace

import numpy as np

from kerasvgg.modelfile.novelty import RANGE, REFUSED, Novelty, most_axes
from kerasvgg.selection.folds import stratified_group_folds

COMPONENTS = 64  # principal axes that have a variance of their own
NOTHING = 1e-9  # of the largest variance: less is rounding


def fit(features: np.ndarray, labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> Novelty:
    """Fits a normal distribution to what goes into the head (n, features), and finds its threshold by folds.

    Each picture's distance is told by a distribution that had not seen it nor any of its group; the threshold is what
    5 % of them exceed. `labels` and `groups` are numbers (n,). Same input, same result.
    Source: Mahalanobis distance (Lee et al. 2018), with one mean for all classes, and a covariance shrunk by Ledoit and
    Wolf (2004) that has but few axes (probabilistic PCA, Tipping and Bishop 1999).
    """
    folds = stratified_group_folds(labels, groups, seed=seed)
    held_out = np.empty(len(features))
    for fold in np.unique(folds):
        out = folds == fold
        held_out[out] = _distribution(features[~out]).distances(features[out])
    return _with_threshold(_distribution(features), held_out)


def novelty_by(features: np.ndarray, others: np.ndarray) -> Novelty:
    """Fits a normal distribution to features (n, features), with the threshold that those of `others` ask for.

    It is for features from layers that were trained on the first pictures, which lie nearer than new ones do.
    """
    found = _distribution(features)
    return _with_threshold(found, found.distances(others))


def _with_threshold(found: Novelty, held_out: np.ndarray) -> Novelty:
    return replace(found, threshold=float(np.clip(_exceeded_by(held_out, REFUSED), *RANGE)))


def _exceeded_by(distances: np.ndarray, share: float) -> float:
    """Returns the distance that another picture exceeds with this probability at most (split conformal prediction)."""
    place = min(math.ceil((len(distances) + 1) * (1 - share)), len(distances))
    return float(np.sort(distances)[place - 1])


def _distribution(x: np.ndarray) -> Novelty:
    """Returns the distribution of features (n, features), its threshold still to be found."""
    mean = x.mean(axis=0)
    centred = x - mean
    count, width = x.shape
    product = centred @ centred.T if count < width else centred.T @ centred
    average = float(np.trace(product)) / x.size
    shrinkage = _ledoit_wolf(centred, product, average)
    variances, axes = _principal(centred, product)
    shrunk = (1 - shrinkage) * variances + shrinkage * average
    others = width - len(shrunk)
    rest = (width * average - shrunk.sum()) / others if others else average
    return Novelty.of(mean, shrunk, axes, rest, threshold=1.0)


def _ledoit_wolf(centred: np.ndarray, product: np.ndarray, average: float) -> float:
    """Returns the share of `average`, the mean variance, that the covariance gets along all axes.

    It is scikit-learn's ledoit_wolf_shrinkage by way of the smaller product, without a loop over blocks of features.
    """
    count, width = centred.shape
    squares = float(np.square(product).sum()) / count**2  # of all numbers in the covariance
    noise = (float(np.square(np.square(centred).sum(axis=1)).sum()) / count - squares) / count
    signal = squares - width * average**2
    return min(max(noise, 0) / signal, 1.0) if signal > 0 else 1.0


def _principal(centred: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the largest variances (axes,) and their axes (axes, features)."""
    from scipy.linalg import eigh

    count, width = centred.shape
    size = len(product)
    most = min(COMPONENTS, size, most_axes(width))
    values, vectors = eigh(product, subset_by_index=(size - most, size - 1))
    there = values > NOTHING * values.max(initial=0)
    axes = vectors[:, there] if count >= width else centred.T @ vectors[:, there] / np.sqrt(values[there])
    return values[there] / count, axes.T
