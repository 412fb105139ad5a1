import numpy as np
import pytest

from kerasvgg.training.learning_rate import RateCurve

RATES = np.geomspace(1e-6, 1, 300).tolist()


def losses(falls_at: float, rises_at: float) -> list[float]:
    """Makes a loss that falls from 0.7 to 0.1 around one rate and rises around another."""
    return [
        0.7 - 0.6 / (1 + (falls_at / rate) ** 3) + 5 / (1 + (rises_at / rate) ** 3) + 0.01 * np.sin(17 * number)
        for number, rate in enumerate(RATES)
    ]


def test_the_suggestion_is_where_the_loss_has_made_half_of_its_fall():
    sweep = RateCurve(RATES, losses(falls_at=1e-3, rises_at=0.3))
    assert 7e-4 < sweep.suggestion < 1.5e-3
    assert sweep.has_diverged
    assert sweep.highest < 0.3


def test_nothing_is_suggested_where_the_loss_never_falls():
    assert RateCurve(RATES, losses(falls_at=1e9, rises_at=1e-2)).suggestion is None


def test_single_batches_that_jump_count_little_and_what_is_no_number_ends_the_sweep():
    jumping = [0.5, 0.5, 0.5, 9.0, 0.5] * 10
    assert RateCurve(RATES[:50], jumping).smooth == pytest.approx([0.5] * 50)
    assert not RateCurve(RATES[:50], jumping).has_diverged
    assert RateCurve(RATES[:50], [0.5] * 49 + [float("nan")]).has_diverged
