"""Freezing by layer name, and cutting a model into parts that share its layers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from kerasvgg.backbones.preprocessing import NAME as PREPROCESSING
from kerasvgg.errors import ConfigError

HEAD = "head"


def matches(name: str, pattern: str) -> bool:
    """Tells whether a layer of this name is meant by the pattern.

    A pattern is a layer name, a name with the wildcards * ? [..], or the beginning of a name up to an underscore:
    `block5` is block5_conv1 and its neighbours. The preprocessing layer is never meant.
    """
    return name != PREPROCESSING and (fnmatchcase(name, pattern) or name.startswith(f"{pattern}_"))


class CutModel:
    """A model, `whole`, with the places where training starts, and its parts before and after them.

    `phases` are the patterns of the layers that train, phase by phase (see `matches`), or names of `stages`, which
    stand for several. With `fixed_statistics` batch normalisation never trains, so that its statistics stay as they
    are. `cuts` has one place per phase: a layer at whose only input one tensor crosses, and before which all through
    the phase the same picture gives the same; None where nothing with weights but the preprocessing is before it. The
    foremost, `root`, is where nothing before it ever trains. The parts share their layers with the whole, so that
    whoever trains a part trains the model. The model must be flat.
    """

    def __init__(
        self,
        model: Any,
        phases: Sequence[Sequence[str]],
        *,
        stages: Mapping[str, Sequence[str]] | None = None,
        fixed_statistics: bool = False,
    ) -> None:
        self.whole = model
        self._stages, self._fixed_statistics = dict(stages or {}), fixed_statistics
        self.cuts = tuple(self._cut(patterns) for patterns in phases)
        order = [layer.name for layer in model.layers]
        self.root = None if None in self.cuts else min((cut for cut in self.cuts if cut), key=order.index, default=None)
        self._parts: dict[tuple[str | None, str | None], Any] = {(None, None): model}

    def before(self, cut: str | None, start: str | None = None) -> Any:
        """Returns the layers from the pictures, or from the cut `start`, to the cut."""
        return self._part(start, cut)

    def after(self, cut: str | None) -> Any:
        """Returns the layers from the cut to the probabilities."""
        return self._part(cut, None)

    def trains(self, layer: Any, patterns: Sequence[str]) -> bool:
        """Tells whether a layer trains in a phase with these patterns."""
        if self._fixed_statistics and type(layer).__name__ == "BatchNormalization":
            return False
        return any(matches(layer.name, one) for pattern in patterns for one in self._stages.get(pattern, (pattern,)))

    def train_only(self, patterns: Sequence[str]) -> None:
        """Thaws the layers of these patterns and freezes all others.

        Raises ConfigError for a pattern that no layer with weights has.
        """
        for pattern in patterns:
            if not any(self.trains(layer, [pattern]) and layer.weights for layer in self.whole.layers):
                names = [layer.name for layer in self.whole.layers if layer.weights and layer.name != PREPROCESSING]
                allowed = ", ".join([*self._stages, *names])
                raise ConfigError(f"`layers` must match layers with weights ({allowed}), received {pattern!r}")
        for layer in self.whole.layers:
            layer.trainable = self.trains(layer, patterns)

    def _cut(self, patterns: Sequence[str]) -> str | None:
        self.train_only(patterns)
        found, crossing, weights = None, None, False
        for layer, alone in _in_order(self.whole):
            inputs = _inputs(layer)
            if crossing is not None and len(inputs) == 1 and inputs[0] is crossing:
                found, crossing = layer.name if weights else None, None
            if _is_at_work(layer):
                return found
            weights = weights or bool(layer.weights and layer.name != PREPROCESSING)
            crossing = _flat(layer.output)[0] if alone else crossing
        return None

    def _part(self, start: str | None, end: str | None) -> Any:
        import keras

        if (start, end) not in self._parts:
            entry = self.whole.get_layer(start).input if start else self.whole.inputs[0]
            exit_ = self.whole.get_layer(end).input if end else self.whole.outputs[0]
            name = f"{start or 'pictures'}_to_{end or 'probabilities'}"
            self._parts[start, end] = keras.Model(entry, exit_, name=name)
        return self._parts[start, end]


def _is_at_work(layer: Any) -> bool:
    """Tells whether a layer keeps training from starting after it: it trains, or it draws random numbers.

    Random layers of the base do not count: before all layers that train they are frozen with what is around them, and
    what is frozen runs in inference mode. After the cut they draw, and so does the head's dropout always.
    """
    return bool(layer.trainable_weights) or (hasattr(layer, "seed_generator") and matches(layer.name, HEAD))


def _in_order(model: Any) -> Iterator[tuple[Any, bool]]:
    """Yields the layers, each after those that it depends on, and whether its output alone is wanted after it.

    Raises ConfigError for a model that is not one graph in which each layer is called once.
    """
    wanted = Counter(id(tensor) for layer in model.operations for tensor in _inputs(layer))
    wanted.update(id(tensor) for tensor in model.outputs)
    crossing: set[int] = set()
    for layer in model.operations:
        inputs = [id(tensor) for tensor in _inputs(layer)]
        if not crossing.issuperset(inputs):
            raise ConfigError(f"`model` must call each layer once, received {model.name}, where {layer.name} differs")
        wanted.subtract(inputs)
        crossing = {one for one in crossing if wanted[one] > 0} | {id(tensor) for tensor in _flat(layer.output)}
        yield layer, len(crossing) == 1


def _inputs(layer: Any) -> list[Any]:
    from keras import layers

    return [] if isinstance(layer, layers.InputLayer) else _flat(layer.input)


def _flat(tensors: Any) -> list[Any]:
    from keras import tree

    found: list[Any] = tree.flatten(tensors)
    return found
