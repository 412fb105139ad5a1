"""Tiny models whose weights follow from integers, in every form that a file may have."""

from typing import Any

import keras
import numpy as np

from kerasvgg.backbones.preprocessing import preprocessing

SIDE = 24
DEAD = 3  # a channel of conv1


def fill(model: Any) -> Any:
    """Gives a model weights by arithmetic; one channel of the first convolution is dead."""
    for place, layer in enumerate(one for one in leaves(model) if one.weights and one.name != "preprocessing"):
        kernel, bias = layer.get_weights()
        wave = (np.arange(kernel.size) * 97 + place * 31) % 251 / 125 - 1
        kernel = wave.reshape(kernel.shape) * np.sqrt(6 / np.prod(kernel.shape[:-1]))
        layer.set_weights([kernel.astype(np.float32), bias])
        if layer.name == "conv1":
            layer.set_weights([kernel, np.where(np.arange(len(bias)) == DEAD, -1e6, 0)])
    return model


def leaves(model: Any) -> Any:
    for layer in model.layers:
        yield from leaves(layer) if hasattr(layer, "layers") else (layer,)


def convolutions() -> list[Any]:
    return [
        keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="conv1"),
        keras.layers.MaxPooling2D(name="pool1"),
        keras.layers.Conv2D(12, 3, activation="relu", name="conv2"),
    ]


def base(side: int | None = SIDE, before: Any = None) -> Any:
    """The convolutional part as a model."""
    pictures = keras.Input((side, side, 3))
    x = preprocessing(before)(pictures) if before else pictures
    for layer in convolutions():
        x = layer(x)
    return keras.Model(pictures, x, name="base")


def flat(units: int = 1, before: str | None = "vgg", pooling: str = "average") -> Any:
    """Preprocessing, two convolutions and a head in one Functional model."""
    inner = base(before=before)
    pool = (
        keras.layers.GlobalAveragePooling2D(name="pool2")
        if pooling == "average"
        else keras.layers.Flatten(name="flatten")
    )
    x = pool(inner.outputs[0])
    x = keras.layers.Dense(units, activation="sigmoid" if units == 1 else "softmax", name="head")(x)
    return fill(keras.Model(inner.inputs[0], x))


def nested(units: int = 1, pooling: str = "flatten") -> Any:
    """The base as one layer of a Sequential model, as the chapter stacks VGG16."""
    pool = keras.layers.Flatten() if pooling == "flatten" else keras.layers.GlobalAveragePooling2D()
    head = keras.layers.Dense(units, activation="sigmoid" if units == 1 else "softmax", name="head")
    return fill(keras.Sequential([keras.Input((SIDE, SIDE, 3)), base(), pool, head]))


def sequential(units: int = 3) -> Any:
    """One Sequential model, its softmax a layer of its own."""
    head = [keras.layers.Flatten(), keras.layers.Dense(units, name="head"), keras.layers.Activation("softmax")]
    return fill(keras.Sequential([keras.Input((SIDE, SIDE, 3)), *convolutions(), *head]))
