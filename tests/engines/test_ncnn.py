"""What ncnn and numpy make of a network, against TensorFlow."""

import keras
import numpy as np
import pytest
from keras import layers

from kerasvgg.backbones.preprocessing import KINDS
from kerasvgg.backbones.small_cnn import NETS
from kerasvgg.backbones.vgg import KERNELS
from kerasvgg.engines.ncnn import NcnnForward
from kerasvgg.engines.network import UnsupportedError, network_of
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.forward import BATCH, Forward
from kerasvgg.models.freezing import CutModel
from kerasvgg.models.heads import with_features

SETTINGS = [
    *({"base": name, "kind": "vgg", "pooling": "average", "units": (8,)} for name in KERNELS),
    *({"base": name, "kind": "gray", "batch_normalization": True} for name in NETS),
    *({"base": "mnist_cnn", "kind": kind} for kind in KINDS),
    {"base": "vgg11", "kind": "vgg", "batch_normalization": True, "output": "softmax", "units": ()},
    {"base": "vgg16", "kind": "vgg", "pooling": "average", "stages": ["block3", "block5"], "units": ()},
    {"base": "small_cnn", "kind": "unit", "multi_label": True, "dropout": 0.5, "input_dropout": 0.2},
]


def disturbed(model):
    """Gives batch normalisation statistics as training leaves them, and biases."""
    draw = np.random.default_rng(1)
    for layer in model.layers:
        if "bn" in layer.name or (isinstance(layer, layers.Conv2D) and layer.name != "preprocessing"):
            layer.set_weights(
                [one + draw.uniform(0, 0.01, one.shape).astype(np.float32) for one in layer.get_weights()]
            )
    return model


@pytest.mark.sampled(by_default=3, slow=1)
@pytest.mark.parametrize("settings", SETTINGS, ids=lambda one: "-".join(str(value) for value in one.values()))
def test_every_chain_of_vggs_kind_gives_what_tensorflow_gives(settings, noise):
    size = (49, 64)
    model = disturbed(build_classifier(image_size=size, classes=2 if "output" in settings else 3, **settings))
    images = noise(size)
    expected, found = Forward(model, 5)(images), NcnnForward(network_of(model))(images)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-5


def test_feature_maps_agree_within_a_hundred_thousandth_at_every_cut(noise):
    model = disturbed(build_classifier("vgg13", (48, 48), 2, kind="vgg", batch_normalization=True))
    images = noise()
    for name in ("block1_conv2", "block3_pool", "block4_conv2", "head_dense1"):
        part = keras.Model(model.inputs[0], model.get_layer(name).input)
        expected, found = Forward(part, 5)(images), NcnnForward(network_of(part))(images)
        assert np.linalg.norm(found - expected) < 1e-5 * np.linalg.norm(expected)


def test_bits_do_not_depend_on_the_batch_nor_on_where_it_begins(noise):
    model = build_classifier("vgg11", (48, 48), 2, kind="vgg")
    cut, images = CutModel(model, [("block4", "head"), ("head",)]), noise(n=7)
    whole = NcnnForward(network_of(cut.before("head_dense1")))
    at_root = NcnnForward(network_of(cut.before("block4_conv1")))(images)
    from_root = NcnnForward(network_of(cut.before("head_dense1", "block4_conv1")))
    expected = whole(images)
    assert np.array_equal(from_root(at_root), expected)
    assert np.array_equal(np.stack([whole(one[None])[0] for one in images]), expected)
    assert np.array_equal(whole(images[::-1])[::-1], expected)


def test_features_and_probabilities_come_in_a_row_as_tensorflow_gives_them(small, noise):
    images = noise(n=BATCH)
    found = NcnnForward(network_of(small).with_features())(images)
    assert np.abs(found - Forward(with_features(small, 8), BATCH)(images)).max() < 1e-4
    assert found.shape == (BATCH, 11)


def test_networks_nested_in_others_are_laid_flat(noise):
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(48, 48, 3))
    model = keras.Sequential(
        [keras.Input((48, 48, 3)), base, layers.Flatten(), layers.Dense(4, "relu"), layers.Dense(2)]
    )
    images = noise() / 255
    assert np.abs(NcnnForward(network_of(model))(images) - Forward(model, 5)(images)).max() < 1e-5


@pytest.mark.parametrize("pool", [2, 3])
def test_padding_as_tensorflow_has_it(pool, noise):
    pictures = keras.Input((47, 50, 3))
    x = layers.Conv2D(8, (5, 4), strides=2, padding="same")(pictures)
    x = layers.MaxPooling2D(pool, strides=2, padding="same")(x)
    x = layers.Conv2D(4, 3, padding="same", activation="relu")(x)
    model = keras.Model(pictures, layers.AveragePooling2D(2)(x))
    images = noise((47, 50))
    assert np.allclose(NcnnForward(network_of(model))(images), Forward(model, 5)(images), atol=1e-3)


def refused(x):
    yield "groups", layers.Conv2D(6, 3, groups=3)(x)
    yield "its stride", layers.Conv2D(6, 1, strides=2, padding="same")(x)
    yield "tanh", layers.Conv2D(6, 3, activation="tanh")(x)
    yield "leaves out", layers.MaxPooling2D(2, strides=3)(x)
    yield "DepthwiseConv2D", layers.DepthwiseConv2D(3)(x)
    yield "several layers", layers.Concatenate()([layers.Flatten()(layers.Conv2D(2, n)(x)) for n in (1, 3)])
    yield "keepdims", layers.GlobalAveragePooling2D(keepdims=True)(x)
    yield "bfloat16", layers.Conv2D(6, 3, dtype="mixed_bfloat16")(x)
    yield "operation", x + 1.0
    yield "axis 1", layers.Concatenate(axis=1)([x, x])


def test_what_it_has_no_layers_for_is_said():
    pictures = keras.Input((16, 16, 3))
    for words, made in refused(pictures):
        with pytest.raises(UnsupportedError, match=words):
            NcnnForward(network_of(keras.Model(pictures, made)))
    with pytest.raises(UnsupportedError, match="known shape"):
        network_of(keras.Model(inputs := keras.Input((None, None, 3)), layers.Conv2D(1, 1)(inputs)))
    with pytest.raises(UnsupportedError):
        NcnnForward(network_of(build_classifier("resnet50v2", (64, 64), 2, kind="half")))


def computed_alike(model, images):
    found, expected = NcnnForward(network_of(model))(images), Forward(model, len(images))(images)
    assert np.allclose(found, expected, atol=1e-5), np.abs(found - expected).max()


def test_norms_and_normalisation_are_those_of_their_axes(noise):
    tiny = keras.Model(inputs := keras.Input((3,)), layers.UnitNormalization()(inputs))
    computed_alike(tiny, np.array([[1e-8, 2e-8, 0.0], [3.0, 4.0, 0.0]], dtype=np.float32))
    maps = keras.Model(inputs := keras.Input((9, 9, 3)), layers.Flatten()(layers.UnitNormalization()(inputs)))
    computed_alike(maps, noise((9, 9)))
    pictures = keras.Input((9, 9, 3))
    by_rows = layers.BatchNormalization(axis=1)(layers.Conv2D(4, 3)(pictures))
    for made in (by_rows, layers.Flatten(data_format="channels_first")(pictures),
                 layers.GlobalAveragePooling2D(data_format="channels_first")(pictures)):  # fmt: skip
        with pytest.raises(UnsupportedError):
            NcnnForward(network_of(keras.Model(pictures, made)))


@keras.saving.register_keras_serializable(package="tests")
class Dense(layers.Dense):
    """Is called as Keras' own, and does something else."""

    def call(self, inputs):
        return super().call(inputs) + 1


def test_what_others_have_made_is_not_taken_for_keras_own_nor_does_it_raise():
    from kerasvgg.engines.plan import planned

    pictures = keras.Input((9, 9, 3))
    flat = layers.Flatten()(pictures)
    odd = layers.Rescaling(np.array([1.0, 2.0, 3.0]))(pictures)
    for made in (Dense(4)(flat), odd, layers.Dense(4)(flat)):
        model = keras.Model(pictures, made)
        if made is not odd and not isinstance(model.layers[-1], Dense):
            model.layers[-1].enable_lora(2)
        assert planned(model) is None
