import numpy as np
import pytest
from scipy.stats import norm

from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.folds import SHARED, expected_interval, fold_accuracy, pictures_for
from kerasvgg.evaluation.statistics import wilson

FOLDS, NUMBERS, DRAWS = 5, 40, 500


def alone(n):
    return np.arange(n)


def test_without_groups_the_interval_is_wilsons_of_fewer_pictures():
    right = np.arange(90) >= 9
    found = fold_accuracy(right, alone(90))
    assert (found.accuracy, found.independent) == (0.9, pytest.approx(90 / SHARED))
    assert (found.low, found.high) == pytest.approx(wilson(54, 60))


def test_groups_that_are_right_or_wrong_as_one_count_as_pictures():
    groups = np.repeat(np.arange(100), 4)
    found = fold_accuracy((groups % 4 > 0), groups)
    assert found.accuracy == 0.75
    assert found.independent == pytest.approx(100 / SHARED, rel=0.03)


def test_groups_whose_pictures_have_nothing_in_common_count_nearly_as_if_there_were_none():
    right = np.random.default_rng(0).random(4000) < 0.75
    found = fold_accuracy(right, np.repeat(np.arange(1000), 4))
    assert 0.9 * 4000 / SHARED < found.independent <= 4000 / SHARED


def test_what_groups_are_called_and_in_what_order_pictures_stand_changes_nothing():
    draw = np.random.default_rng(1)
    groups, right = draw.integers(0, 30, 100), draw.random(100) < 0.8
    order = draw.permutation(100)
    there, here = fold_accuracy(right, groups), fold_accuracy(right[order], 1000 - 7 * groups[order])
    assert (there.low, there.high) == pytest.approx((here.low, here.high))


@pytest.mark.parametrize("all_right", [True, False])
def test_where_all_are_right_or_all_wrong_there_is_an_interval_and_groups_widen_it(all_right):
    right = np.full(60, all_right)
    few, many = fold_accuracy(right, np.repeat(np.arange(20), 3)), fold_accuracy(right, alone(60))
    widths = [one.high - one.low for one in (few, many)]
    assert widths[0] > 2 * widths[1] > 0.1
    assert few.independent == pytest.approx(20 / SHARED)


def test_several_partitions_are_averaged():
    right = np.arange(60) >= 6
    once, twice = fold_accuracy(right, alone(60)), fold_accuracy(np.stack([right, ~right]), alone(60))
    assert once == fold_accuracy(np.stack([right, right]), alone(60))
    assert twice.accuracy == 0.5


def held_out(draw, groups, apart):
    """Which pictures (draws, n) the nearest class mean gets right, by folds, and how good such means are."""
    n, labels, folds = len(groups), groups % 2, groups // 2 % FOLDS
    own, common = (draw.normal(size=(DRAWS, count, NUMBERS)) for count in (n, groups[-1] + 1))
    alike = 0.9 if groups[-1] + 1 < n else 0.0
    middle = apart / 2 * np.eye(NUMBERS)[0]
    x = (1 - alike) ** 0.5 * own + alike**0.5 * common[:, groups] + np.where(labels, 1, -1)[:, None] * middle
    right, worth = np.empty((DRAWS, n), dtype=bool), []
    for fold in range(FOLDS):
        out = folds == fold
        first, second = (x[:, ~out & (labels == label)].mean(axis=1) for label in (0, 1))
        towards, bias = second - first, (first**2 - second**2).sum(axis=1) / 2
        right[:, out] = ((x[:, out] @ towards[..., None])[..., 0] + bias[:, None] > 0) == labels[out]
        for sign in (1, -1):
            worth.append(norm.cdf((towards @ middle + sign * bias) / np.linalg.norm(towards, axis=1)))
    return right, np.mean(worth)


@pytest.mark.parametrize("apart", [2.3, 3.4, 5])
@pytest.mark.parametrize("size", [1, 3])
def test_of_a_hundred_intervals_about_95_hold_what_such_trainings_are_worth(size, apart):
    groups = np.repeat(np.arange(60 // size), size)
    right, worth = held_out(np.random.default_rng(1), groups, apart)
    found = [fold_accuracy(one, groups) for one in right]
    assert 0.93 <= np.mean([one.low <= worth <= one.high for one in found]) <= 0.985
    if apart < 5:  # where few are wrong, any interval is that of few mistakes
        plain = [wilson(one.sum(), 60) for one in right]
        assert np.mean([low <= worth <= high for low, high in plain]) < 0.93


@pytest.mark.parametrize("accuracy", [0.5, 0.9, 1.0])
@pytest.mark.parametrize("n", [30, 400])
def test_what_is_expected_of_so_many_pictures_is_what_they_get(n, accuracy):
    found = fold_accuracy(np.arange(n) < accuracy * n, alone(n))
    assert expected_interval(n, accuracy) == pytest.approx((found.low, found.high))


@pytest.mark.parametrize("accuracy", [0.5, 0.9, 1.0])
def test_as_many_pictures_as_a_width_asks_for_have_it_and_one_less_has_not(accuracy):
    def width(pictures):
        low, high = expected_interval(pictures, accuracy)
        return high - low

    for asked in (0.02, 0.1, 0.4):
        n = pictures_for(asked, accuracy)
        assert width(n) <= asked < width(n - 1)


def test_half_the_width_takes_four_times_the_pictures_and_fewer_where_all_are_right():
    widths = {accuracy: np.ptp(expected_interval(500, accuracy)) for accuracy in (0.5, 1.0)}
    assert pictures_for(widths[0.5] / 2) == pytest.approx(2000, rel=0.01)
    assert pictures_for(widths[1.0] / 2, 1.0) == pytest.approx(1000, rel=0.02)


@pytest.mark.parametrize("width", [0.0, 1.0, -0.1])
def test_a_width_that_no_number_of_pictures_has_is_refused(width):
    with pytest.raises(ConfigError, match=f"`width` must be above 0 and below 1, received {width}"):
        pictures_for(width)
