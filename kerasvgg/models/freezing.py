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


class CutModel:
    """A model, `whole`, with the places where training starts, and its parts before and after them.

    `cuts` has one place per phase: the first layer that trains or draws at random, before which all through the phase
    the same picture gives the same; None where nothing with weights but the preprocessing is before it. The foremost,
    `root`, is where nothing before it ever trains. The parts share their layers with the whole, so that whoever trains
    a part trains the model. The model must be flat, and a chain up to its cuts.
    """

    def __init__(self, model: Any, phases: Sequence[Sequence[str]]) -> None:
        self.whole = model
        self.cuts = tuple(_cut(model, patterns) for patterns in phases)
        order = [layer.name for layer in model.layers]
        self.root = None if None in self.cuts else min((cut for cut in self.cuts if cut), key=order.index)
        self._parts: dict[tuple[str | None, str | None], Any] = {(None, None): model}

    def before(self, cut: str | None, start: str | None = None) -> Any:
        """Returns the layers from the pictures, or from the cut `start`, to the cut."""
        return self._part(start, cut)

    def after(self, cut: str | None) -> Any:
        """Returns the layers from the cut to the probabilities."""
        return self._part(cut, None)

    def _part(self, start: str | None, end: str | None) -> Any:
        import keras

        if (start, end) not in self._parts:
            entry = self.whole.get_layer(start).input if start else self.whole.inputs[0]
            exit_ = self.whole.get_layer(end).input if end else self.whole.outputs[0]
            name = f"{start or 'pictures'}_to_{end or 'probabilities'}"
            self._parts[start, end] = keras.Model(entry, exit_, name=name)
        return self._parts[start, end]


def _cut(model: Any, patterns: Sequence[str]) -> str | None:
    train_only(model, patterns)
    first = next(layer for layer in model.layers if layer.trainable_weights or hasattr(layer, "seed_generator"))
    before = model.layers[: model.layers.index(first)]
    return first.name if any(layer.weights and layer.name != PREPROCESSING for layer in before) else None
