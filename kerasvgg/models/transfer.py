"""Freezing by layer name, and cutting a model where the freezing ends."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.models.preprocessing import NAME as PREPROCESSING


def train_only(model: Any, patterns: Sequence[str]) -> None:
    """Thaws the layers whose names match a pattern and freezes all others.

    A pattern is a layer name, a name with the wildcards * ? [..], or the beginning of a name up to an underscore:
    `block5` is block5_conv1 and its neighbours. The preprocessing layer stays frozen always.

    Raises ConfigError for a pattern that no layer with weights has.
    """
    for pattern in patterns:
        if not any(matches(layer.name, pattern) and layer.weights for layer in model.layers):
            names = [layer.name for layer in model.layers if layer.weights and layer.name != PREPROCESSING]
            raise ConfigError(f"`layers` must match layers with weights ({', '.join(names)}), received {pattern!r}")
    for layer in model.layers:
        layer.trainable = any(matches(layer.name, pattern) for pattern in patterns)


def matches(name: str, pattern: str) -> bool:
    """Tells whether a layer of this name is meant by the pattern."""
    return name != PREPROCESSING and (fnmatchcase(name, pattern) or name.startswith(f"{pattern}_"))


def cut(model: Any) -> tuple[Any, Any]:
    """Returns (trunk, tail): the part before the first trainable weights, and the rest from there on.

    Both share their layers with `model`, so training the tail trains the model. The trunk has no trainable weights.
    The model must be flat and a chain up to the cut; `trunk` is None where nothing but preprocessing comes before.
    """
    import keras

    first = next(layer for layer in model.layers if layer.trainable_weights)
    before = model.layers[: model.layers.index(first)]
    if not any(layer.weights and layer.name != PREPROCESSING for layer in before):
        return None, model
    before_it, pictures, probabilities = first.input, model.inputs[0], model.outputs[0]
    return keras.Model(pictures, before_it, name="trunk"), keras.Model(before_it, probabilities, name="tail")
