"""Distances to the training pictures against scikit-learn's and numpy's, and what the threshold holds."""

import numpy as np
import pytest
from sklearn.covariance import LedoitWolf

from kerasvgg.modelfile.novelty import MOST_TEXT
from kerasvgg.selection.folds import stratified_group_folds
from kerasvgg.selection.unknown import COMPONENTS, fit, novelty_by

PICTURES = 300


def drawn(count=PICTURES, width=20, seed=0):
    """Features whose numbers depend on each other, of two classes."""
    mixing = np.random.default_rng(99).normal(size=(width, width)) / np.arange(1, width + 1)
    draw = np.random.default_rng(seed)
    labels = draw.integers(2, size=count)
    return draw.normal(size=(count, width)) @ mixing + labels[:, None], labels


def fitted(x, labels, groups=None):
    return fit(x, labels, np.arange(len(x)) if groups is None else groups)


@pytest.mark.parametrize(("count", "width"), [(PICTURES, 20), (PICTURES, COMPONENTS), (40, 100)])
def test_distances_are_those_of_ledoit_and_wolfs_covariance(count, width):
    x, labels = drawn(count, width)
    others = 3 * drawn(50, width, seed=1)[0]
    expected = np.sqrt(LedoitWolf().fit(x).mahalanobis(others))
    assert fitted(x, labels).distances(others) == pytest.approx(expected, rel=2e-3)


def test_what_is_beside_the_first_axes_has_their_mean_variance():
    width = 2 * COMPONENTS
    x, labels = drawn(width=width)
    values, axes = np.linalg.eigh(LedoitWolf().fit(x).covariance_)
    values[:-COMPONENTS] = values[:-COMPONENTS].mean()
    others = drawn(50, width, seed=1)[0]
    expected = np.sqrt((((others - x.mean(axis=0)) @ axes) ** 2 / values).sum(axis=1))
    assert fitted(x, labels).distances(others) == pytest.approx(expected, rel=2e-3)


def test_the_threshold_is_what_one_in_twenty_exceed_while_they_and_their_group_are_held_out():
    x, labels = drawn()
    x, labels, groups = np.repeat(x, 2, axis=0), np.repeat(labels, 2), np.repeat(np.arange(PICTURES), 2)
    folds = stratified_group_folds(labels, groups)
    distances = np.empty(len(x))
    for fold in range(5):
        out = folds == fold
        distances[out] = np.sqrt(LedoitWolf().fit(x[~out]).mahalanobis(x[out]))
    found = fitted(x, labels, groups)
    assert found.threshold == pytest.approx(np.sort(distances)[570], rel=2e-3)  # of 600: 0.95 * 601, rounded up
    assert found.threshold > fitted(x, labels).threshold  # of which each copy has seen the other


def test_about_one_in_twenty_of_other_known_pictures_is_refused_and_all_that_are_far():
    found = fitted(*drawn())
    known, _ = drawn(4000, seed=1)
    assert 0.03 < found.is_unknown(known).mean() < 0.07
    assert found.is_unknown(known + 5).all()


def test_what_is_no_number_is_unknown():
    assert fitted(*drawn()).is_unknown(np.full((1, 20), np.nan)).all()


def test_the_same_pictures_give_the_same():
    assert fitted(*drawn()) == fitted(*drawn())


def test_wide_features_fit_into_a_megabyte():
    x = np.random.default_rng(0).normal(size=(80, 6500))
    found = fitted(x, np.arange(80) % 2)
    assert MOST_TEXT / 2 < sum(map(len, (found.mean, found.variances, found.axes))) <= MOST_TEXT


@pytest.mark.parametrize("x", [np.ones((8, 5)), np.eye(5)[[0, 1] * 4]], ids=["one picture", "two pictures"])
def test_pictures_that_are_all_alike_leave_the_others_unknown(x):
    found = fitted(x, np.arange(8) % 2)
    assert not found.is_unknown(x).any()
    assert found.is_unknown(x + np.arange(5)).all()


def test_of_others_than_it_was_fitted_on_one_in_twenty_exceed_the_threshold():
    draw = np.random.default_rng(0)
    found = novelty_by(draw.normal(0, 0.5, (200, 20)), draw.normal(0, 1, (99, 20)))
    new = found.is_unknown(draw.normal(0, 1, (2_000, 20)))
    assert 0.01 < new.mean() < 0.12
