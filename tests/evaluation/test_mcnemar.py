import pytest
from scipy.stats import binomtest

from kerasvgg.evaluation.statistics import holm, mcnemar


@pytest.mark.parametrize("b", [0, 1, 2, 7, 40, 333])
@pytest.mark.parametrize("c", [0, 1, 5, 41, 400])
def test_p_is_scipys_exact_binomial_test(b, c):
    theirs = binomtest(b, b + c, 0.5).pvalue if b + c else 1.0
    assert mcnemar(b, c) == pytest.approx(theirs, rel=1e-9, abs=1e-300)


def test_hand_worked_values():
    assert mcnemar(0, 5) == 2 / 32
    assert mcnemar(1, 5) == 2 * (1 + 6) / 64
    assert mcnemar(4, 4) == 1
    assert mcnemar(0, 0) == 1


def test_many_pictures_neither_overflow_nor_take_long():
    assert mcnemar(9_000, 9_300) == pytest.approx(binomtest(9_000, 18_300, 0.5).pvalue, rel=1e-9)
    assert mcnemar(100, 20_000) < 1e-300


def test_holms_correction_is_that_worked_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06], abs=1e-15)
    assert holm([0.04, 0.01, 0.5, 0.02]) == pytest.approx([0.08, 0.04, 0.5, 0.06], abs=1e-15)
    assert holm([0.6, 0.9]) == [1, 1]
    assert holm([0.03]) == [0.03]
    assert holm([]) == []
