"""The arrays of a file into a model that was built for them."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.arrays import opened_arrays
from kerasvgg.modelfile.saved import Saved, SavedArray
from kerasvgg.models.kernels import as_keras3
from kerasvgg.models.store import layers_of_store

TOP = "top_level_model_weights"
Pair = tuple[Any, Sequence[SavedArray]]


def fill(model: Any, path: Path, saved: Saved, without: Collection[str] = ()) -> None:
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
