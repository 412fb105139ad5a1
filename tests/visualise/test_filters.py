import keras
import numpy as np
import pytest
import tensorflow as tf
from tiny_models import DEAD, flat, nested

from kerasvgg.backbones.preprocessing import preprocessing
from kerasvgg.errors import ConfigError
from kerasvgg.visualise.filters import excited, filter_pictures
from kerasvgg.visualise.kernels import kernels
from kerasvgg.visualise.record import record


def excitement(model, path, pictures, filters):
    means = np.asarray(record(model, pictures.astype(np.float32)).outputs[path]).mean(axis=(1, 2))
    return means[np.arange(len(filters)), filters]


@pytest.mark.parametrize("method", ["chapter", "regularised"])
@pytest.mark.parametrize(("make", "path"), [(flat, "conv2"), (nested, "base/conv2")])
def test_pictures_excite_their_own_filter_more_than_noise_and_more_than_the_others(method, make, path):
    model, filters = make(), [0, 2, 5]
    found = filter_pictures(model, "conv2", filters, method=method, side=24)
    assert found.shape == (3, 24, 24, 3)
    assert found.dtype == np.uint8
    own = excitement(model, path, found, filters)
    noise = np.random.default_rng(0).integers(108, 148, found.shape)
    assert (own > 1.2 * excitement(model, path, noise, filters)).all()
    assert (own > excitement(model, path, found[[1, 2, 0]], filters)).all()


def test_the_chapters_ascent_is_the_chapters():
    """Its listing 5.38, step by step, with the gradients of a model that ends at the layer."""
    model, steps = flat(before=None), 3
    part = keras.Model(model.inputs[0], model.get_layer("conv2").output)
    pixels = tf.constant(128 + 20 * np.random.default_rng((7, 0)).random((2, 24, 24, 3)), tf.float32)
    expected = []
    for number, one in zip((1, 4), pixels, strict=True):
        x = one[None]
        for _ in range(steps):
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_mean(part(x)[:, :, :, number])
            gradient = tape.gradient(loss, x)
            x += gradient / (tf.sqrt(tf.reduce_mean(tf.square(gradient))) + 1e-5) * 1.0
        plain = x[0].numpy() - x[0].numpy().mean()
        expected.append(np.clip(np.clip(plain / (plain.std() + 1e-5) * 0.1 + 0.5, 0, 1) * 255, 0, 255))
    found = filter_pictures(model, "conv2", [1, 4], method="chapter", steps=steps, side=24, seed=7)
    assert np.abs(found - np.stack(expected)).max() <= 1.001  # rounded down


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("method", ["chapter", "regularised"])
def test_the_same_seed_gives_the_same_pictures_and_another_gives_others(method):
    model = flat()
    one, same, other = (
        filter_pictures(model, "conv2", range(9), method=method, steps=2, side=16, seed=seed) for seed in (1, 1, 2)
    )
    assert len(one) == 9  # in two batches
    np.testing.assert_array_equal(one, same)
    assert np.abs(one.astype(int) - other).mean() > 1


@pytest.mark.parametrize(("bias", "is_excited"), [(-0.5, True), (-1e6, False)], ids=["silent", "dead"])
def test_a_filter_that_a_gray_picture_does_not_excite_is_climbed_and_one_that_none_does_is_told(bias, is_excited):
    model = flat(before=None)
    layer = model.get_layer("conv2")
    kernel, _ = layer.get_weights()
    gray = np.full((1, 24, 24, 3), 127.5, np.float32)
    above = np.asarray(record(model, gray, linear=layer).outputs["conv2"]).max(axis=(0, 1, 2))
    layer.set_weights([kernel, np.abs(above).max() * 2 * bias - above])
    assert not excited(model, "conv2", [0, 1], np.repeat(gray, 2, axis=0))[0]
    found = filter_pictures(model, "conv2", [0, 1], side=24)
    assert excited(model, "conv2", [0, 1], found) == [is_excited] * 2


@pytest.mark.parametrize("method", ["chapter", "regularised"])
def test_behind_a_flatten_pictures_have_the_models_own_size(method):
    oblong = keras.Sequential([keras.Input((20, 15, 3)), keras.layers.Flatten(), keras.layers.Dense(4, name="dense")])
    assert filter_pictures(oblong, "dense", method=method, steps=1).shape == (4, 20, 15, 3)
    with pytest.raises(ConfigError, match="`--side` must be a size that the layers take, received 20: dense"):
        filter_pictures(oblong, "dense", side=20)


def test_without_numbers_the_first_filters_are_taken_as_far_as_there_are_any():
    assert filter_pictures(flat(), "conv2", steps=1).shape == (12, 128, 128, 3)


def test_a_dead_filter_stays_noise():
    found = filter_pictures(flat(), "conv1", [DEAD], method="chapter", steps=3, side=16)
    assert found.std() > 10
    assert not np.isnan(found).any()


@pytest.mark.parametrize(
    ("layer", "filters", "options", "text"),
    [
        ("conv2", [12], {}, "numbers from 0 to 11 for conv2, received 12"),
        ("conv2", [], {}, "received none"),
        ("cnv2", [0], {}, "'cnv2'; did you mean `conv2`"),
        ("conv2", [0], {"method": "magic"}, "one of chapter, regularised, received 'magic'"),
        ("conv2", [0], {"step_size": 0.0}, "`--step-size` must be above 0, received 0.0"),
    ],
)
def test_what_cannot_be_excited_says_why(layer, filters, options, text):
    with pytest.raises(ConfigError, match=text):
        filter_pictures(flat(), layer, filters, side=16, **options)


def test_kernels_are_red_first_whatever_the_preprocessing_swaps():
    swapped, plain = flat(before="vgg"), flat(before=None)
    path, found = kernels(swapped)
    assert path == "conv1"
    kernel = swapped.get_layer("conv1").get_weights()[0]
    np.testing.assert_allclose(found, kernel[:, :, ::-1].transpose(3, 0, 1, 2), rtol=1e-6)
    np.testing.assert_allclose(kernels(plain)[1], plain.get_layer("conv1").get_weights()[0].transpose(3, 0, 1, 2))


def test_kernels_on_gray_have_no_colours():
    convolution = keras.layers.Conv2D(4, 3, name="conv")
    model = keras.Sequential([keras.Input((8, 8, 3)), preprocessing("gray"), convolution])
    path, found = kernels(model)
    assert path == "conv"
    np.testing.assert_array_equal(found, convolution.get_weights()[0].transpose(3, 0, 1, 2))


def test_kernels_of_a_nested_model_are_found():
    assert kernels(nested())[0] == "base/conv1"
    assert kernels(nested(), "conv1")[1].shape == (8, 3, 3, 3)


@pytest.mark.parametrize("layer", ["conv2", "cnv"])
def test_kernels_on_many_channels_are_no_colours(layer):
    with pytest.raises(ConfigError, match=r"received conv2 on 8|must be one of conv1, conv2"):
        kernels(flat(), layer)


def test_a_model_without_convolutions_has_no_kernels():
    with pytest.raises(ConfigError, match="a model without convolutions"):
        kernels(keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)]))
