import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tiny_models import SIDE, base, flat, nested, sequential

from benchmarks.hidden_parts import class_scores
from kerasvgg.errors import ConfigError
from kerasvgg.visualise.class_maps import class_maps, heat, heatmap, likely_maps
from kerasvgg.visualise.weights_check import learning_layers, randomised, rank_correlation, weights_check


def grad_cam(model, picture, unit, sign, pooling="average"):
    """Grad-CAM as tutorials do it: a model that ends at the convolution, and what comes after it by hand."""
    kernel, bias = model.get_layer("head").get_weights()
    features = keras.Model(model.inputs[0], model.get_layer("conv2").output)(picture[None].astype(np.float32))
    with tf.GradientTape() as tape:
        tape.watch(features)
        flat_features = tf.reduce_mean(features, axis=(1, 2)) if pooling == "average" else tf.reshape(features, (1, -1))
        score = sign * (flat_features @ kernel + bias)[0, unit]
    weights = tape.gradient(score, features).numpy()[0].mean(axis=(0, 1))
    return np.maximum((features[0].numpy() * weights).sum(axis=-1), 0)


@pytest.mark.parametrize("pooling", ["average", "flatten"])
@pytest.mark.parametrize(("units", "one", "unit", "sign"), [(1, 1, 0, 1), (1, 0, 0, -1), (3, 2, 2, 1)])
def test_a_map_is_the_one_that_tutorials_compute(picture, units, one, unit, sign, pooling):
    model = flat(units, pooling=pooling)
    found = class_maps(model, picture, [one])
    expected = grad_cam(model, picture, unit, sign, pooling)
    assert found.layer == "conv2"
    assert expected.any()
    np.testing.assert_allclose(found.maps[0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("units", [1, 3])
def test_maps_of_several_pictures_at_once_are_those_of_each_alone(units):
    model = flat(units)
    pictures = np.random.default_rng(0).uniform(0, 255, (3, SIDE, SIDE, 3)).astype(np.float32)
    classes = (1, 0, max(units, 2) - 1)
    together = likely_maps(model, pictures, classes)
    for one, picture, number in zip(together, pictures, classes, strict=True):
        np.testing.assert_allclose(one, class_maps(model, picture, [number]).maps[0], atol=1e-4 * one.max())
    with pytest.raises(ConfigError, match="`class` must be a number from 0"):
        likely_maps(model, pictures, (0, 1, 7))


def test_a_nested_model_has_the_same_maps_as_a_flat_one(picture):
    model, plain = nested(3, "average"), flat(3, before=None)
    plain.set_weights(model.get_weights())
    ours, theirs = class_maps(model, picture), class_maps(plain, picture)
    assert (ours.layer, theirs.layer) == ("base/conv2", "conv2")
    assert ours.classes == (0, 1, 2)
    np.testing.assert_allclose(ours.maps, theirs.maps, rtol=1e-5)


def test_probabilities_are_the_models(picture):
    for model in (flat(1), flat(3), nested(1), sequential()):
        found = class_maps(model, picture).probabilities
        expected = model.predict(picture[None].astype(np.float32), verbose=0)[0]
        np.testing.assert_allclose(found[-len(expected) :], expected, rtol=1e-4, atol=1e-7)
        assert found.sum() == pytest.approx(1)


def test_the_score_is_taken_before_a_saturated_sigmoid(picture):
    model = flat(1)
    kernel, bias = model.get_layer("head").get_weights()
    model.get_layer("head").set_weights([kernel, bias + 200])  # the sigmoid's slope is 0 here
    assert class_maps(model, picture, [1]).maps.any()


@pytest.mark.parametrize("last", ["activation", "softmax", "reshape"])
def test_a_softmax_may_be_a_layer_of_its_own_or_have_a_reshape_behind_it(picture, last):
    model = flat(3)
    scores = keras.layers.Dense(3, name="scores")(model.get_layer("head").input)
    end = {
        "activation": keras.layers.Activation("softmax"),
        "softmax": keras.layers.Softmax(),
        "reshape": lambda x: keras.layers.Reshape((3,))(keras.layers.Softmax()(keras.layers.Reshape((1, 1, 3))(x))),
    }[last]
    other = keras.Model(model.inputs[0], end(scores))
    other.get_layer("scores").set_weights(model.get_layer("head").get_weights())
    ours, theirs = class_maps(other, picture), class_maps(model, picture)
    np.testing.assert_allclose(ours.maps, theirs.maps, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.probabilities, theirs.probabilities, rtol=1e-4)
    np.testing.assert_allclose(class_scores(other, picture[None]), class_scores(model, picture[None]), rtol=1e-4)


def test_the_maps_are_taken_behind_the_activation_of_the_last_convolution(picture):
    pictures = keras.Input((SIDE, SIDE, 3))
    x = keras.layers.Conv2D(4, 3, name="conv")(pictures)
    x = keras.layers.Activation("relu", name="relu")(keras.layers.BatchNormalization(name="bn")(x))
    x = keras.layers.Dense(2, activation="softmax")(keras.layers.Flatten()(keras.layers.MaxPooling2D()(x)))
    assert class_maps(keras.Model(pictures, x), picture).layer == "relu"
    assert class_maps(keras.Model(pictures, x), picture, layer="conv").layer == "conv"


def test_the_heat_lies_on_what_speaks_for_a_class(picture):
    """A convolution that sees red, another that sees blue, and a head that weighs the one against the other."""
    model = flat(1, before=None)
    red, blue = np.zeros((3, 3, 3)), np.zeros((3, 3, 3))
    red[1, 1], blue[1, 1] = (1, -1, -1), (-1, -1, 1)
    first = np.zeros((3, 3, 3, 8))
    first[..., 0], first[..., 1] = red, blue
    second = np.zeros((3, 3, 8, 12))
    second[1, 1, 0, 0] = second[1, 1, 1, 1] = 1
    head = np.zeros((12, 1))
    head[:2, 0] = 1, -1
    for name, kernel in (("conv1", first), ("conv2", second), ("head", head)):
        model.get_layer(name).set_weights([kernel, np.zeros(kernel.shape[-1])])
    of_blue, of_red = (heatmap(model, picture, one) for one in (0, 1))
    assert np.unravel_index(of_red.argmax(), of_red.shape) == pytest.approx((7, 8), abs=4)
    assert np.unravel_index(of_blue.argmax(), of_blue.shape) == pytest.approx((17, 17), abs=4)
    assert of_red[15:20, 14:20].max() < 0.05
    assert of_blue[4:10, 5:11].max() < 0.05


def test_a_heatmap_has_the_pictures_size_and_goes_from_0_to_1(picture):
    found = heatmap(flat(3), picture, 2)
    assert found.shape == (SIDE, SIDE)
    assert found.dtype == np.float32
    assert (found.min(), found.max()) == (pytest.approx(0, abs=0.2), 1)


def test_heat_without_evidence_is_0_everywhere():
    assert not heat(np.zeros((3, 4)), (9, 12)).any()
    assert heat(np.eye(3), (9, 12)).shape == (9, 12)


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda model, picture: heatmap(model, picture, 2), "number from 0 to 1, received 2"),
        (lambda model, picture: heatmap(model, picture, -1), "number from 0 to 1, received -1"),
        (lambda model, picture: heatmap(model, picture, 1, "conv9"), "received 'conv9'; did you mean `conv2`"),
        (lambda model, picture: heatmap(model, picture, 1, "head"), r"feature maps, received head of shape \(1,\)"),
        (lambda model, picture: heatmap(base(), picture, 1), "must end in class scores"),
        (lambda model, picture: heatmap(nested(), np.tile(picture, (2, 2, 1)), 1), "must have the size"),
    ],
)
def test_what_has_no_heatmap_says_why(picture, call, text):
    with pytest.raises(ConfigError, match=text):
        call(flat(), picture)


def test_a_model_without_convolutions_has_no_heatmap(picture):
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    with pytest.raises(ConfigError, match="must have a convolution"):
        heatmap(model, picture, 0)


def test_randomised_layers_forget_and_remember():
    model = flat(3)
    before = [np.array(one) for one in model.get_weights()]
    layers = learning_layers(model)
    assert [layer.name for layer in layers] == ["conv1", "conv2", "head"]  # not the preprocessing
    seen = []
    for seed in (0, 0, 1):
        with randomised([*layers, *layers], seed):
            seen.append([np.array(one) for one in model.get_weights()])
            assert not seen[-1][3].any()  # conv1's biases
    assert all(np.array_equal(one, other) for one, other in zip(seen[0], seen[1], strict=True))
    assert not np.array_equal(seen[0][2], seen[2][2])
    assert not np.array_equal(seen[0][2], before[2])
    np.testing.assert_array_equal(seen[0][0], before[0])
    limit = np.sqrt(6 / (9 * (3 + 8)))
    assert np.abs(seen[0][2]).max() == pytest.approx(limit, rel=0.03)
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), before, strict=True))


def test_weights_come_back_when_something_fails_meanwhile():
    model = flat(3)
    before = model.get_weights()
    with pytest.raises(KeyboardInterrupt), randomised(learning_layers(model), 0):
        raise KeyboardInterrupt
    assert all(np.array_equal(one, other) for one, other in zip(model.get_weights(), before, strict=True))


def test_the_check_goes_from_the_top_down_to_the_first_layer(picture):
    model = flat(3)
    stages = weights_check(model, picture, 0, stages=3)
    assert [stage.down_to for stage in stages] == ["", "head", "conv2", "conv1"]
    assert [stage.drawn for stage in stages] == [0, 1, 2, 3]
    np.testing.assert_array_equal(stages[0].coarse, class_maps(model, picture, [0]).maps[0])
    assert stages[0].correlation == 1
    assert all(-1 <= stage.correlation < 0.999 for stage in stages[1:])


def test_rank_correlation_asks_for_the_order_alone():
    one = np.arange(12).reshape(3, 4)
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    assert rank_correlation(one, np.zeros((3, 4))) == 0


def test_heat_is_enlarged_as_pillow_enlarges():
    coarse = np.random.default_rng(0).random((4, 5)).astype(np.float32)
    theirs = np.asarray(Image.fromarray(coarse).resize((20, 16), Image.Resampling.BICUBIC))
    np.testing.assert_allclose(heat(coarse, (16, 20)), np.maximum(theirs, 0) / theirs.max(), rtol=1e-6)
