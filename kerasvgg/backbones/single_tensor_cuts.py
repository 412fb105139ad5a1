"""Cutting a model where one tensor crosses, and into parts that share its layers."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.models.preprocessing import NAME as PREPROCESSING
from kerasvgg.models.transfer import train_only


def cuts(model: Any, phases: Sequence[Sequence[str]], base: Collection[str] = ()) -> list[str | None]:
    """Returns, for phases that train the layers of these patterns, the layer whose output training starts from.

    What is up to it gives the same for the same picture all through the phase. `base` are the names of the backbone's
    layers: see `at_work`. None where nothing with weights but the preprocessing is up to it.
    """
    found = []
    for patterns in phases:
        train_only(model, patterns)
        found.append(last_cut(model, lambda layer: at_work(layer, base)))
    return found


def at_work(layer: Any, base: Collection[str] = ()) -> bool:
    """Tells whether a layer keeps training from starting after it: it trains, or it draws random numbers.

    Random layers of the `base` don't count: where they are before all layers that train, they are frozen with what is
    around them, and what is frozen runs in inference mode. All random layers after the cut draw, the base's too, and so
    do those of the head, which are never frozen: they belong to the training, not to the features.
    """
    draws = hasattr(layer, "seed_generator") and layer.name not in base
    return draws or bool(getattr(layer, "trainable_weights", ()))


def last_cut(model: Any, is_at_work: Callable[[Any], bool]) -> str | None:
    """Returns the layer whose output alone separates all before it from all after it, the last before any at work.

    Every way from the pictures to the probabilities leads through that output. None where nothing with weights but the
    preprocessing is up to it.
    """
    found, weights = None, False
    for layer, alone in _in_order(model):
        if is_at_work(layer):
            return found
        weights = weights or (bool(getattr(layer, "weights", ())) and layer.name != PREPROCESSING)
        found = layer.name if alone and weights else found
    raise ConfigError("`model` must have a layer that trains, received one in which all are frozen")


def part(model: Any, start: str | None, end: str | None) -> Any:
    """Returns the layers after `start` (None: from the pictures) up to and with `end` (None: to the probabilities).

    They are the model's own: training the part trains the model. The model must be flat.
    """
    import keras

    if start is None and end is None:
        return model
    entry = model.get_layer(start).output if start else model.inputs[0]
    exit_ = model.get_layer(end).output if end else model.outputs[0]
    return keras.Model(entry, exit_, name=f"{start or 'pictures'}_to_{end or 'probabilities'}")


def halves(model: Any, cut: str) -> tuple[Any, Any]:
    """Returns the model's layers from the pictures to the cut, and from there to the probabilities."""
    return part(model, None, cut), part(model, cut, None)


def _in_order(model: Any) -> Iterator[tuple[Any, bool]]:
    """Yields the layers, each after those that it depends on, and whether its output alone is wanted after it.

    Raises ConfigError for a model that is not one graph in which each layer is called once.
    """
    wanted = Counter(id(tensor) for layer in model.operations for tensor in _inputs(layer))
    wanted.update(id(tensor) for tensor in model.outputs)
    open_: set[int] = set()
    for layer in model.operations:
        inputs = [id(tensor) for tensor in _inputs(layer)]
        if not open_.issuperset(inputs):
            raise ConfigError(f"`model` must call each layer once, received {model.name}, where {layer.name} differs")
        wanted.subtract(inputs)
        open_ = {one for one in open_ if wanted[one] > 0} | {id(tensor) for tensor in _flat(layer.output)}
        yield layer, len(open_) == 1


def _inputs(layer: Any) -> list[Any]:
    from keras import layers

    return [] if isinstance(layer, layers.InputLayer) else _flat(layer.input)


def _flat(tensors: Any) -> list[Any]:
    from keras import tree

    return tree.flatten(tensors)
