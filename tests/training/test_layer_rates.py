"""Lower rates for deeper layers, and kernels that decay."""

import numpy as np
import pytest

from kerasvgg.recipes import from_scratch

ONE_STEP = {"image_size": (46, 46), "batch_size": 24, "units": (8,), "epochs": 1, "seed": 3, "dropout": 0.0}
STILL = {"learning_rate": 1e-30, "optimizer": "sgd"}  # so slow that the weights stay what they are


@pytest.fixture(scope="module")
def arrays(noisy):
    return noisy(side=46)


def _weights(arrays, **how):
    model = from_scratch(arrays, arrays, **{**ONE_STEP, "optimizer": "sgd", "stop_when_dead": False, **how}).model
    return [layer.get_weights() for layer in model.layers if layer.weights]


def test_each_layer_moves_a_share_of_what_it_would_for_each_layer_after_it(arrays):
    start, alike, falling = (
        _weights(arrays, **how) for how in (STILL, {"learning_rate": 0.5}, {"learning_rate": 0.5, "layer_decay": 0.5})
    )
    assert len(start) > 3
    for depth, layers in enumerate(zip(*map(reversed, (start, alike, falling)), strict=True)):
        for before, full, less in zip(*layers, strict=True):
            assert np.abs(full - before).max() > 1e-5
            np.testing.assert_allclose(less - before, (full - before) * 0.5**depth, rtol=1e-2, atol=1e-6)


@pytest.mark.slow
def test_adam_with_weight_decay_is_keras_adamw_on_kernels_alone(arrays):
    rate = {"learning_rate": 1e-2, "optimizer": "adam"}
    start, plain, decayed = (_weights(arrays, **how) for how in (STILL, rate, {**rate, "weight_decay": 0.3}))
    for (kernel, *_), (without, *others), (after, *same) in zip(start, plain, decayed, strict=True):
        np.testing.assert_allclose(after, without - 1e-2 * 0.3 * kernel, atol=2e-6)
        np.testing.assert_array_equal(same, others)
