"""Freezing by layer name, and cutting a model into parts that share its layers."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any

from kerasvgg.backbones.preprocessing import NAME as PREPROCESSING
from kerasvgg.errors import ConfigError


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


def cuts(model: Any, phases: Sequence[Sequence[str]]) -> list[str | None]:
    """Returns, for phases that train the layers of these patterns, the first layer that trains or draws at random.

    What is before it gives the same for the same picture all through the phase. None where nothing with weights but
    the preprocessing is before it.
    """
    found = []
    for patterns in phases:
        train_only(model, patterns)
        found.append(_cut(model))
    return found


def submodel(model: Any, start: str | None, end: str | None) -> Any:
    """Returns the layers from `start` (None: from the pictures) to before `end` (None: to the probabilities).

    They are the model's own: training the part trains the model. The model must be flat, and a chain up to its cuts.
    """
    import keras

    if start is None and end is None:
        return model
    entry = model.get_layer(start).input if start else model.inputs[0]
    exit_ = model.get_layer(end).input if end else model.outputs[0]
    return keras.Model(entry, exit_, name=f"{start or 'pictures'}_to_{end or 'probabilities'}")


def _cut(model: Any) -> str | None:
    first = next(layer for layer in model.layers if layer.trainable_weights or hasattr(layer, "seed_generator"))
    before = model.layers[: model.layers.index(first)]
    return first.name if any(layer.weights and layer.name != PREPROCESSING for layer in before) else None
