from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_models import SIDE, base, fill, flat, nested, sequential

from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.visualise.kernels import prepared
from kerasvgg.visualise.layers import find_path, layers_by_path, output_layer
from kerasvgg.visualise.record import activations, record

CORPUS = Path(__file__).parents[1] / "corpus"
OLD = ["tf27_plain_ops"]
LARGE = ["keras216_flat_vgg16", "keras122_nested_vgg16", "keras208_mobilenet", "tf215_teachable_machine"]


@pytest.fixture
def batch(picture):
    return np.stack([picture, picture[::-1], picture[:, ::-1]]).astype(np.float32)


@pytest.mark.parametrize("make", [flat, sequential])
def test_each_layer_of_a_flat_model_gives_what_a_model_that_ends_there_gives(make, batch):
    model = make()
    found = record(model, batch)
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    assert list(found.outputs) == [layer.name for layer in layers]
    for layer in layers:
        expected = keras.Model(model.inputs[0], layer.output)(batch)
        np.testing.assert_allclose(found.outputs[layer.name], expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("make", [flat, nested, sequential])
def test_the_result_is_the_models_own(make, batch):
    model = make()
    found = record(model, batch)
    np.testing.assert_allclose(found.result, model.predict(batch, verbose=0), rtol=1e-5, atol=1e-6)
    assert found.refused == ""


def test_layers_of_nested_models_are_recorded_under_their_path(batch):
    model = nested()
    inner = model.get_layer("base")
    found = record(model, batch)
    assert list(found.outputs)[:3] == ["base/conv1", "base/pool1", "base/conv2"]
    np.testing.assert_allclose(found.outputs["base/conv2"], inner(batch), rtol=1e-5, atol=1e-6)


def test_a_model_that_is_nested_twice_and_a_layer_that_is_called_twice_are_told_apart(batch):
    inner = fill(base())
    pictures = keras.Input((SIDE, SIDE, 3))
    scale = keras.layers.Rescaling(0.5, name="scale")
    x = keras.layers.Concatenate(name="both")([inner(scale(pictures)), inner(scale(scale(pictures)))])
    found = record(keras.Model(pictures, x), batch)
    assert {"scale", "scale#2", "base/conv2", "base#2/conv2", "both"} <= set(found.outputs)
    np.testing.assert_allclose(found.outputs["base/conv1"], 2 * found.outputs["base#2/conv1"], rtol=1e-5, atol=1e-4)
    assert len(found.outputs) == len(set(layers_by_path(keras.Model(pictures, x)))) == 10


def test_dropout_and_batch_normalization_are_as_in_predict_even_where_the_graph_says_training(batch):
    x = pictures = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.BatchNormalization()(x, training=True)
    x = keras.layers.Dropout(0.5)(x, training=True)
    model = keras.Model(pictures, x)
    np.testing.assert_allclose(record(model, batch).result, model.predict(batch, verbose=0), rtol=1e-6)


def test_a_picture_of_another_size_goes_as_far_as_the_layers_take_it(picture):
    large = np.tile(picture, (3, 2, 1))
    refused = []
    found = activations(flat(pooling="flatten"), large, refused)
    assert {name: one.shape for name, one in found.items()} == {
        "preprocessing": (72, 48, 3),
        "conv1": (72, 48, 8),
        "pool1": (36, 24, 8),
        "conv2": (34, 22, 12),
        "flatten": (34 * 22 * 12,),
    }
    assert len(refused) == 1
    assert refused[0].startswith("head (Dense): ")
    refused.clear()
    assert list(activations(flat(), large, refused))[-1] == "head"  # an average takes any size
    assert refused == []


def test_recording_ends_where_it_is_told(batch):
    found = record(nested(), batch, until="base/pool1")
    assert list(found.outputs) == ["base/conv1", "base/pool1"]
    assert found.result is None


@pytest.mark.parametrize("make", [flat, nested, sequential])
def test_a_layer_without_its_activation_gives_scores_and_has_it_again_afterwards(make, batch):
    model = make()
    last = output_layer(model)
    before = last.activation
    scores = record(model, batch, linear=last).result
    squash = keras.activations.sigmoid if scores.shape[-1] == 1 else keras.activations.softmax
    assert last.activation is before
    np.testing.assert_allclose(squash(scores), model.predict(batch, verbose=0), rtol=1e-4, atol=1e-6)
    assert np.abs(scores).max() > 1.5  # not probabilities


def test_an_activation_is_put_back_when_the_layer_refuses(picture):
    model = flat(pooling="flatten")
    assert record(model, np.tile(picture, (2, 2, 1))[None], linear=model.get_layer("head")).refused
    assert model.get_layer("head").activation is keras.activations.sigmoid


def test_a_gradient_tape_sees_every_layer(batch):
    model = nested()
    model.trainable = False
    with tf.GradientTape(persistent=True) as tape:
        pictures = tf.constant(batch)
        tape.watch(pictures)
        found = record(model, pictures)
    assert all(tape.gradient(found.result, one) is not None for one in found.outputs.values())


@pytest.mark.parametrize("name", [*OLD, *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)])
def test_files_of_old_keras_are_recorded_too(name, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(CORPUS)
    from corpus import facts, pictures_of, unpack

    model, pictures = open_model(unpack(name, tmp_path)).model, pictures_of(facts(name))
    found = record(model, pictures)
    assert list(found.outputs) == list(layers_by_path(model))
    np.testing.assert_allclose(found.result, model.predict(pictures, verbose=0), atol=1e-5)


def test_a_subclassed_model_is_refused():
    class Own(keras.Model):
        def call(self, x):
            return x

    with pytest.raises(ModelFileError, match="Functional or Sequential model, received a Own"):
        record(Own(), np.zeros((1, 8, 8, 3)))


def test_a_layer_is_found_by_its_path_or_its_name_and_a_wrong_one_is_told_what_is_near():
    paths = ["base/conv1", "base/conv2", "conv2"]
    assert find_path(paths, "conv1") == "base/conv1"
    assert find_path(paths, "conv2") == "conv2"
    with pytest.raises(ConfigError, match=r"one of base/conv1, .*'covn1'; did you mean `conv1`"):
        find_path(paths, "covn1")


@pytest.mark.parametrize(("make", "expected"), [(flat, ["preprocessing"]), (nested, []), (sequential, [])])
def test_what_comes_before_the_network_is_told_from_the_network(make, expected, picture):
    model = make()
    assert prepared(model, activations(model, picture)) == expected
