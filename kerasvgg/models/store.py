"""Which arrays of a store, as .keras files have one, belong to which layer of a model."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.assign import FIRST_PLACE, NOT_WEIGHTS, PLACE, snake
from kerasvgg.modelfile.saved import SavedArray, SavedLayer

Groups = dict[tuple[str, ...], list[SavedArray]]


def layers_of_store(
    model: Any, saved: Sequence[SavedLayer], without: Collection[str] = ()
) -> list[tuple[Any, list[SavedArray]]]:
    """Returns the layers that have weights, those of nested models too, each with its arrays.

    A store names a group after the layer's class and numbers those of a class in the order of the layers.
    """
    groups: Groups = {}
    for layer in saved:
        parts = tuple(layer.name.split("/"))
        if not set(parts) & set(NOT_WEIGHTS):
            groups[parts] = list(layer.arrays)
    return list(_layers(model, groups, without))


def _layers(model: Any, groups: Groups, without: Collection[str]) -> Iterator[tuple[Any, list[SavedArray]]]:
    by_class = _by_class(groups)
    for layer in model.layers:
        if not layer.weights or layer.name in without:
            continue
        kind = snake(type(layer).__name__)
        found = by_class.get(kind)
        if not found:
            raise ModelFileError(f"must hold the weights of the layer {layer.name}, and has none more of a {kind}")
        inner = found.pop(0)
        if hasattr(layer, "layers"):
            yield from _layers(layer, inner, without)
        else:
            yield layer, [array for arrays in inner.values() for array in arrays]


def _by_class(groups: Groups) -> dict[str, list[Groups]]:
    """Parts the groups by layer, and lists the layers of a class by their number."""
    parted: dict[str, Groups] = {}
    for parts, arrays in groups.items():
        if len(parts) > 1 and parts[0] in (PLACE, FIRST_PLACE):
            parted.setdefault(parts[1], {})[parts[2:]] = arrays
    found: dict[str, list[Groups]] = {}
    for name in sorted(parted, key=_number):
        found.setdefault(_class(name), []).append(parted[name])
    return found


def _class(name: str) -> str:
    return re.sub(r"_\d+$", "", name)


def _number(name: str) -> int:
    number = re.search(r"_(\d{1,9})$", name)
    return int(number[1]) if number else 0
