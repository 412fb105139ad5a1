"""What inspecting tells of a model, against what Keras tells of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

import kerasvgg
from kerasvgg.modelfile.facts.network import leaves_of
from kerasvgg.models.classifier import build_classifier

COLUMNS = {"A": (1, 1, 2, 2, 2), "B": (2, 2, 2, 2, 2), "C": (2, 2, 3, 3, 3), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4)}
FILTERS = (64, 128, 256, 512, 512)


def vgg(column: str) -> Any:
    """A column of the paper's table 1 with small tops, frozen up to block4."""
    model = keras.Sequential([keras.Input((64, 48, 3))], name=f"vgg_{column.lower()}")
    for block, (filters, count) in enumerate(zip(FILTERS, COLUMNS[column], strict=True), start=1):
        for i in range(1, count + 1):
            side = 1 if column == "C" and i == 3 else 3
            model.add(layers.Conv2D(filters, side, padding="same", activation="relu", trainable=block == 5))
        model.add(layers.MaxPooling2D())
    for layer in (layers.Flatten(), layers.Dense(20), layers.Dropout(0.5), layers.Dense(7, activation="softmax")):
        model.add(layer)
    return model


def nested() -> Any:
    base = keras.applications.MobileNetV2(weights=None, include_top=False, input_shape=(64, 64, 3), alpha=0.35)
    base.trainable = False
    return keras.Sequential([keras.Input((64, 64, 3)), base, layers.GlobalAveragePooling2D(), layers.Dense(3)])


def recurrent() -> Any:
    words = keras.Input((20,), dtype="int32")
    x = layers.Embedding(50, 6)(words)
    x = layers.Bidirectional(layers.LSTM(5, return_sequences=True))(x)
    x = layers.TimeDistributed(layers.Dense(4))(x)
    x = layers.Conv1D(6, 3, padding="causal", dilation_rate=2)(x)
    x = layers.GRU(3)(x)
    return keras.Model(words, layers.PReLU()(layers.LayerNormalization()(x)))


def odd_ones() -> Any:
    """Layers with less usual settings, one after another."""
    x = pictures = keras.Input((41, 37, 4))
    for layer in (
        layers.ZeroPadding2D(((1, 2), (3, 4))),
        layers.Conv2D(8, (3, 5), strides=(2, 3), groups=4, use_bias=False),
        layers.BatchNormalization(scale=False),
        layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
        layers.SeparableConv2D(6, 3, dilation_rate=2, padding="same"),
        layers.Conv2DTranspose(5, 4, strides=3, padding="same"),
        layers.Conv2DTranspose(4, 2, strides=3),
        layers.Cropping2D((1, 2)),
        layers.UpSampling2D((1, 2)),
        layers.AveragePooling2D(3, strides=2, padding="same"),
        layers.GroupNormalization(2),
        layers.PReLU(shared_axes=[1, 2]),
        layers.Resizing(9, 11),
        layers.Permute((3, 1, 2)),
        layers.Reshape((-1, 11)),
        layers.GlobalMaxPooling1D(keepdims=True),
        layers.Flatten(),
        layers.RepeatVector(3),
        layers.LSTM(2, use_bias=False),
    ):
        x = layer(x)
    y = layers.concatenate([x, layers.multiply([x, x])])
    return keras.Model(pictures, (y / 2.0) - 1.0)


BUILDERS = {
    **{f"column {name}": lambda name=name: vgg(name) for name in COLUMNS},
    "small_cnn": lambda: build_classifier("small_cnn", (64, 64), 2, kind="unit"),
    "vgg16": lambda: build_classifier("vgg16", (32, 32), 3, kind="vgg", units=(8,)),
    "nested": nested,
    "recurrent": recurrent,
    "odd ones": odd_ones,
    "MobileNetV2": lambda: keras.applications.MobileNetV2(weights=None, alpha=0.5, classes=10),
    "ResNet50": lambda: keras.applications.ResNet50(weights=None, input_shape=(64, 96, 3), classes=10),
}


def _leaves(model: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer, f"{path}{layer.name}/")
        else:
            yield f"{path}{layer.name}", layer


def _trained(variables: list[Any]) -> int:
    return sum(int(variable.shape.num_elements()) for variable in (v.value for v in variables))


def check(model: Any, path: Path) -> Any:
    """Compares every layer's shape and weights, and the totals."""
    model.save(path)
    facts = kerasvgg.inspect(path)
    assert facts.verdict == "safe to open", facts.reasons
    assert facts.parameters == model.count_params()
    assert facts.trainable_parameters == _trained(model.trainable_variables)
    assert facts.input_shape == model.input_shape
    assert facts.output_shape == model.output_shape
    leaves = {leaf.path: leaf.layer for leaf in leaves_of(facts.layers)}
    expected = dict(_leaves(model))
    assert expected.keys() <= leaves.keys()
    for name, layer in expected.items():
        assert leaves[name].output_shape == tuple(layer.output.shape), name
        assert leaves[name].parameters == layer.count_params(), name
        assert leaves[name].class_name == type(layer).__name__
        assert [array.shape for array in leaves[name].arrays] == [tuple(weight.shape) for weight in layer.weights], name
    return facts


@pytest.mark.sampled(by_default=12)
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("name", BUILDERS)
def test_shapes_and_counts_are_those_of_keras(name: str, suffix: str, tmp_path: Path) -> None:
    if suffix == ".h5" and name in ("ResNet50", "odd ones"):
        pytest.skip("100 MB, compared as .keras; and Keras itself can't read arithmetic back from .h5")
    facts = check(BUILDERS[name](), tmp_path / f"model{suffix}")
    if name.startswith("column"):
        assert facts.network.vgg == name[-1]
        assert facts.network.blocks == {f"block{i}": "trained" if i == 5 else "frozen" for i in range(1, 6)}
        assert [layer.split("_")[0] for layer in facts.network.head] == ["flatten", "dense", "dropout", "dense"]


@pytest.mark.very_slow
@pytest.mark.parametrize(
    ("name", "parameters"), [("VGG16", 138_357_544), ("VGG19", 143_667_240), ("ResNet50", 25_636_712)]
)
def test_the_networks_of_keras_applications_in_full_size(name: str, parameters: int, tmp_path: Path) -> None:
    facts = check(getattr(keras.applications, name)(weights=None), tmp_path / "model.keras")
    assert facts.parameters == parameters
