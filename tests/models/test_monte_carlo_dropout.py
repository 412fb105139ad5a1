import keras
import numpy as np
import pytest

from kerasvgg.models.forward import MonteCarloDropout


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    layers = keras.layers
    yield keras.Sequential(
        [layers.Input((6,)), layers.Dense(40, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.6),
         layers.Dense(30), layers.Dropout(0.3), layers.Dense(2, activation="softmax")]
    )  # fmt: skip
    keras.backend.clear_session()


@pytest.fixture
def chain(model):
    return keras.Model(model.inputs[0], model.outputs[0])


X = np.random.default_rng(0).normal(size=(9, 6)).astype(np.float32)


def _seed(model, number):
    for layer in model.layers:
        if isinstance(layer, keras.layers.Dropout):
            layer.seed_generator.state.assign([number, number])


def test_dropout_is_at_work_as_in_training_and_the_rest_as_in_inference(chain):
    chain.get_layer("batch_normalization").trainable = False  # so that training=True leaves it alone
    _seed(chain, 5)
    keras_own = np.asarray(chain(X, training=True))
    _seed(chain, 5)
    np.testing.assert_allclose(MonteCarloDropout(chain)(X), keras_own, rtol=1e-6)


@pytest.mark.slow
def test_each_call_draws_anew_and_the_mean_approaches_what_predict_gives(chain):
    run, before = MonteCarloDropout(chain), [np.array(variable) for variable in chain.trainable_variables]
    drawn = np.stack([run(X) for _ in range(300)])
    assert drawn.std(axis=0).min() > 0.01
    assert np.abs(drawn.mean(axis=0) - chain.predict(X, verbose=0)).max() < 0.15
    assert all((np.array(v) == b).all() for v, b in zip(chain.trainable_variables, before, strict=True))


def test_statistics_of_batch_normalization_stay(chain):
    layer = chain.get_layer("batch_normalization")
    before = np.array(layer.moving_mean)
    MonteCarloDropout(chain)(X + 5)
    np.testing.assert_array_equal(np.array(layer.moving_mean), before)
