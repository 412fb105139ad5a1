import numpy as np
import pytest

from kerasvgg.evaluation.power_law import extrapolated

SIZES = np.array([10.0, 14, 20, 28, 40, 56, 80])


def growing(pictures, floor=0.05, factor=1.5, exponent=0.6, seed=0):
    """Which pictures are right at each size: the harder ones later, with errors as the law has them on average."""
    hardness = (np.random.default_rng(seed).permutation(pictures) + 0.5) / pictures
    return (hardness > floor + factor * SIZES[:, None] ** -exponent).astype(float)


def sampled(pictures, seed):
    """The same, with pictures drawn from endlessly many."""
    return (np.random.default_rng(seed).random(pictures) > 0.05 + 1.5 * SIZES[:, None] ** -0.6).astype(float)


def test_a_power_law_is_found_and_goes_on():
    curve = extrapolated(SIZES, growing(9000), np.arange(9000), 100.0)
    assert [one.per_class for one in curve.points] == list(SIZES)
    assert [one.accuracy for one in curve.points] == pytest.approx(0.95 - 1.5 * SIZES**-0.6, abs=1e-3)
    assert (curve.law.floor, curve.law.exponent) == pytest.approx((0.05, 0.6), abs=0.03)
    assert [(one.times, one.per_class) for one in curve.forecasts] == [(1, 100), (2, 200), (4, 400)]
    for one in curve.forecasts:
        assert one.accuracy == pytest.approx(0.95 - 1.5 * one.per_class**-0.6, abs=0.005)
        assert one.low < one.accuracy < one.high


@pytest.mark.slow
def test_of_a_hundred_forecasts_about_95_hold_what_is_true():
    forecasts = [extrapolated(SIZES, sampled(300, seed), np.arange(300), 100.0, seed).forecasts for seed in range(60)]
    for place, truth in enumerate(0.95 - 1.5 * np.array([100, 200, 400]) ** -0.6):
        held = [one[place].low <= truth <= one[place].high for one in forecasts if one]
        assert len(held) > 55
        assert np.mean(held) >= 0.93


def test_the_further_and_the_fewer_pictures_the_wider():
    def widths(pictures):
        forecasts = extrapolated(SIZES, sampled(pictures, 1), np.arange(pictures), 100.0).forecasts
        return [one.high - one.low for one in forecasts]

    few, many = widths(200), widths(2000)
    assert few == sorted(few)
    assert all(here > 2 * there for here, there in zip(few, many, strict=True))


def test_pictures_of_a_group_are_drawn_as_one():
    right = growing(200).repeat(5, axis=1)
    alone = extrapolated(SIZES, right, np.arange(1000), 100.0)
    grouped = extrapolated(SIZES, right, np.arange(200).repeat(5), 100.0)
    for one, many in zip(grouped.points, alone.points, strict=True):
        assert one.error == pytest.approx(5**0.5 * many.error, rel=0.15)


def test_the_same_seed_gives_the_same_forecast_and_another_one_hardly_differs():
    first, again, other = (extrapolated(SIZES, growing(500), np.arange(500), 100.0, seed) for seed in (0, 0, 1))
    assert first == again
    assert first.forecasts != other.forecasts
    assert first.forecasts[0].low == pytest.approx(other.forecasts[0].low, abs=0.01)


def test_error_does_not_rise_with_pictures_nor_fall_below_none():
    steep = growing(2000, floor=0.0, factor=8.0, exponent=1.5)
    for one in extrapolated(SIZES, steep, np.arange(2000), 100.0).forecasts:
        assert one.low >= 1 - 8 * 80**-1.5 - 0.01
        assert one.high <= 1


def _bent():
    right = growing(2000)
    right[3] = np.arange(2000) < 400
    return right


@pytest.mark.parametrize(
    ("sizes", "right", "groups", "doubt"),
    [
        (SIZES[:3], growing(400)[:3], 400, "there are pictures for 3 sizes; 4 are needed"),
        (SIZES, growing(400), 19, "there are 19 groups; 20 are needed"),
        (SIZES, np.ones((7, 400)), 400, "there are 0 mistakes in 400 pictures; 10 are needed"),
        (SIZES, growing(60, 0, 1.5, 0.6), 60, "there are 6 mistakes in 60 pictures; 10 are needed"),
        (SIZES, growing(400)[[-1] * 7], 400, "accuracy rises by no more than chance"),
        (SIZES, growing(400)[::-1], 400, "accuracy rises by no more than chance"),
        (SIZES, _bent(), 2000, "standard errors off the nearest power law"),
    ],
)
def test_points_that_support_no_law_get_a_reason_and_no_forecast(sizes, right, groups, doubt):
    curve = extrapolated(sizes, right, np.arange(right.shape[1]) % groups, 100.0)
    assert doubt in curve.doubt
    assert (curve.law, curve.forecasts) == (None, ())
    assert len(curve.points) == len(sizes)
