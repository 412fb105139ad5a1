"""The arrays of a file into a model that was built for them."""

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.arrays import opened_arrays
from kerasvgg.modelfile.read.saved import Saved, SavedArray, SavedLayer
from kerasvgg.modelfile.shapes.assign import FIRST_PLACE, NOT_WEIGHTS, PLACE, snake
from kerasvgg.modelfile.upgrade.patch import major


def as_keras3(array: np.ndarray, shape: tuple[int, ...], saved: Saved) -> np.ndarray:
    """Returns the array as Keras 3 wants it, which is of `shape`: height, width, channels, filters.

    Keras 1 with the channels first had filters, channels, height, width; Theano turned the kernels by half a turn.
    """
    if array.ndim == 4 and len(shape) == 3 and array.shape[1] == 1:  # Conv1D of Keras 1
        return array[:, 0]
    if array.ndim == 4 and _is_filters_first(array, shape, saved):
        array = array.transpose(2, 3, 1, 0)
    if array.ndim == 4 and saved.backend == "theano":
        array = array[::-1, ::-1]
    return array


def _is_filters_first(array: np.ndarray, shape: tuple[int, ...], saved: Saved) -> bool:
    turned = tuple(array.shape[axis] for axis in (2, 3, 1, 0))
    if turned != shape or array.shape != shape:
        return turned == shape
    return major(saved.keras_version) <= 1 and '"th"' in str(saved.config).replace("'", '"')


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


TOP = "top_level_model_weights"
Pair = tuple[Any, Sequence[SavedArray]]


def set_weights(model: Any, path: Path, saved: Saved, without: Collection[str] = ()) -> None:
    """Sets all weights of the model from the file; the layers `without` have none there.

    Raises ModelFileError where the file's arrays are not the model's.
    """
    is_store = saved.container in ("keras", "weights.h5")
    pairs = layers_of_store(model, saved.layers, without) if is_store else _in_order(model, saved, without)
    with path.open("rb") as file, opened_arrays(file, saved.container) as h5:
        for layer, arrays in pairs:
            _set(layer, arrays, h5, saved)


def _in_order(model: Any, saved: Saved, without: Collection[str]) -> list[Pair]:
    """Pairs layers and groups as Keras does in such files: both in their order, those without weights left out."""
    layers = [layer for layer in model.layers if layer.weights and layer.name not in without]
    groups = [group for group in saved.layers if group.arrays and group.name != TOP]
    if len(layers) != len(groups):
        raise ModelFileError(f"must hold {len(layers)} layers with weights, for this model; it has {len(groups)}")
    return [(layer, group.arrays) for layer, group in zip(layers, groups, strict=True)]


def _set(layer: Any, arrays: Sequence[SavedArray], h5: Any, saved: Saved) -> None:
    # A model inside a model has its weights in one row: what trained first, then what was frozen or only counted.
    variables = [*layer.trainable_weights, *layer.non_trainable_weights]
    if len(variables) != len(arrays):
        raise ModelFileError(f"must hold {len(variables)} arrays for the layer {layer.name}, it has {len(arrays)}")
    for variable, array in zip(variables, arrays, strict=True):
        value = as_keras3(np.asarray(h5[array.name][()]), tuple(variable.shape), saved)
        if value.shape != tuple(variable.shape):
            text = f"of {tuple(variable.shape)} for the layer {layer.name}, it has {value.shape}"
            raise ModelFileError(f"must hold an array {text}")
        variable.assign(value)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()
