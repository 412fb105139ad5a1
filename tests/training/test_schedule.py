"""Early stopping and falling learning rates, against Keras' own callbacks."""

import math
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from pydantic import ValidationError

from kerasvgg.training.phase import Phase
from kerasvgg.training.schedule import EarlyStopping, ReduceLearningRate, learning_rate, stops

MODES = {"val_loss": "min", "val_accuracy": "max"}


def _figures(seed, monitor, n=40):
    draw = np.random.default_rng(seed)
    return [{monitor: float(value)} for value in np.round(0.5 + np.cumsum(draw.normal(0, 0.05, n)), 2)]


@pytest.mark.parametrize("monitor", MODES)
@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (3, 0.0), (4, 0.0473)])
def test_early_stopping_stops_where_keras_does(monitor, patience, min_delta):
    ends = set()
    for seed in range(20):
        rows = _figures(seed, monitor)
        theirs = keras.callbacks.EarlyStopping(monitor, min_delta, patience, mode=MODES[monitor])
        theirs.set_model(SimpleNamespace(stop_training=False))
        theirs.on_train_begin()
        for epoch, row in enumerate(rows):
            theirs.on_epoch_end(epoch, row)
            ours = stops(EarlyStopping(patience=patience, monitor=monitor, min_delta=min_delta), rows[: epoch + 1])
            assert ours == theirs.model.stop_training
            if ours:
                ends.add(epoch)
                break
    assert len(ends) > 3  # otherwise this test shows little


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("monitor", MODES)
@pytest.mark.parametrize(("patience", "factor", "minimum"), [(1, 0.5, 0.0), (2, 0.1, 1e-4), (3, 0.3, 2e-3)])
def test_the_learning_rate_falls_where_keras_lowers_it(monitor, patience, factor, minimum):
    rates = set()
    for seed in range(20):
        rows = _figures(seed, monitor)
        theirs = keras.callbacks.ReduceLROnPlateau(
            monitor, factor, patience, mode=MODES[monitor], min_delta=0.01, min_lr=minimum
        )
        optimizer = keras.optimizers.SGD(0.01)
        theirs.set_model(SimpleNamespace(optimizer=optimizer))
        theirs.on_train_begin()
        for epoch, row in enumerate(rows):
            theirs.on_epoch_end(epoch, dict(row))
            rule = ReduceLearningRate(
                patience=patience, factor=factor, monitor=monitor, min_delta=0.01, minimum=minimum
            )
            rate = learning_rate(0.01, rule, rows[: epoch + 1])
            assert rate == pytest.approx(float(optimizer.learning_rate), rel=1e-4)
            rates.add(rate)
    assert len(rates) > 2


def test_nan_is_no_gain_and_not_the_best_for_ever():
    rows = [{"val_loss": value} for value in (math.nan, 0.5, 0.6, 0.4)]
    assert [stops(EarlyStopping(patience=2), rows[:n]) for n in range(1, 5)] == [False] * 4
    assert stops(EarlyStopping(patience=2), [{"val_loss": math.nan}] * 2)


def test_without_rules_nothing_stops_or_falls():
    rows = [{"val_loss": 1.0}] * 50
    assert not stops(None, rows)
    assert learning_rate(0.1, None, rows) == 0.1


def test_a_rule_with_unknown_arguments_is_refused():
    with pytest.raises(ValidationError, match="patients"):
        Phase(epochs=1, learning_rate=0.1, early_stopping={"patients": 3})
