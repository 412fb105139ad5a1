import pytest
from scipy.stats import binomtest

from kerasvgg.evaluation.statistics import wilson

SIZES = (1, 2, 3, 5, 10, 37, 100, 500, 1000, 25_000)


def counts(n):
    return sorted({0, 1, n // 3, n // 2, n - 1, n, *range(0, n + 1, max(1, n // 40))})


@pytest.mark.parametrize("n", SIZES)
def test_the_interval_is_scipys_for_every_count_from_none_to_all(n):
    for correct in counts(n):
        theirs = binomtest(correct, n).proportion_ci(confidence_level=0.95, method="wilson")
        assert wilson(correct, n) == pytest.approx((theirs.low, theirs.high), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(("level", "z"), [(0.90, 1.6448536269514722), (0.99, 2.5758293035489004)])
def test_another_z_gives_another_level(level, z):
    theirs = binomtest(973, 1000).proportion_ci(confidence_level=level, method="wilson")
    assert wilson(973, 1000, z) == pytest.approx((theirs.low, theirs.high), rel=1e-12)


@pytest.mark.parametrize("n", SIZES)
def test_the_interval_stays_within_0_and_1_and_holds_the_share(n):
    for correct in counts(n):
        low, high = wilson(correct, n)
        assert 0 <= low <= correct / n + 1e-15
        assert correct / n - 1e-15 <= high <= 1


def test_nothing_and_everything_right_are_mirror_images():
    low, high = wilson(0, 40)
    assert wilson(40, 40) == pytest.approx((1 - high, 1 - low))
    assert high > 0.05
