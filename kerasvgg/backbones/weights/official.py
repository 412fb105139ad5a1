"""keras.applications' files of weights, read without Keras."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.backbones.backbone import Backbone
from kerasvgg.errors import WeightsError

Shape = tuple[int, ...]
Layout = Mapping[str, Sequence[Shape]]
NORMALIZATION = {"mean", "variance", "count"}  # of the pictures: our models have a layer of their own for it


def layout(backbone: Backbone) -> dict[str, tuple[Shape, ...]]:
    """Returns the shapes of the arrays of each of the backbone's layers with weights, in the order of the layers.

    It is keras.applications' order too, in which its own files are read. Builds the layers, so Keras is needed.
    """
    import keras

    pictures = keras.Input((None, None, 3))
    return layout_of(keras.Model(pictures, backbone(pictures)).layers)


def layout_of(layers: Iterable[Any]) -> dict[str, tuple[Shape, ...]]:
    """Returns the shapes of the arrays of each of these Keras layers, in their order, without layers that have none."""
    return {layer.name: tuple(tuple(w.shape) for w in layer.weights) for layer in layers if layer.weights}


def read_official_weights(path: Path, wanted: Layout) -> dict[str, list[np.ndarray]]:
    """Returns the arrays (float32) for the layers of the layout, from a file in Keras' old HDF5 layout.

    The layers in the file go by their names where these are the same; otherwise by their order, as Keras has it: older
    files have other names, and a nested model's arrays are in one group. An array may have other axes of length 1.
    Raises WeightsError for a file that can't be read or doesn't fit.
    """
    import h5py

    try:
        with h5py.File(path, "r") as file:
            groups = _groups(file, wanted)
            _check_names(path, groups, wanted)
            found = [one for group in groups.values() for one in group]
            _check_shapes(path, found, wanted)
            arrays = iter([np.asarray(dataset, dtype=np.float32) for _, dataset in found])
    except (OSError, KeyError, ValueError, RuntimeError, TypeError, AttributeError) as error:
        raise WeightsError(f"`{path}` must be a file of weights by keras.applications (.h5): {error}") from error
    return {layer: [next(arrays).reshape(shape) for shape in shapes] for layer, shapes in wanted.items()}


def _groups(file: Any, wanted: Layout) -> dict[str, list[tuple[str, Any]]]:
    """Returns the datasets with their names, by layer, without layers that have none."""
    whole = file if any(name.startswith("layer_names") for name in file.attrs) else file["model_weights"]
    groups = {name: [(key, whole[name][key]) for key in _texts(whole[name], "weight_names")] for name in _texts(whole)}
    groups = {name: datasets for name, datasets in groups.items() if datasets and not _is_normalization(datasets)}
    return {name: groups[name] for name in wanted} if groups.keys() == wanted.keys() else groups


def _texts(group: Any, name: str = "layer_names") -> list[str]:
    """Returns what the attribute lists; long lists are cut into NAME0, NAME1 ..."""
    pieces = takewhile(group.attrs.__contains__, (f"{name}{i}" for i in count()))
    found = [name] if name in group.attrs else pieces
    return [text.decode() if isinstance(text, bytes) else str(text) for piece in found for text in group.attrs[piece]]


def _is_normalization(datasets: Sequence[tuple[str, Any]]) -> bool:
    return {key.split("/")[-1].split(":")[0] for key, _ in datasets} <= NORMALIZATION


def _check_names(path: Path, groups: Mapping[str, Any], wanted: Layout) -> None:
    missing = [name for name in wanted if name not in groups]
    if groups and missing and groups.keys() <= wanted.keys():  # otherwise the names are others, and say nothing
        raise WeightsError(
            f"`{path}` must hold the weights of {len(wanted)} layers, "
            f"received {len(groups)}, without {', '.join(missing)}"
        )


def _check_shapes(path: Path, found: Sequence[tuple[str, Any]], wanted: Layout) -> None:
    needed = [(layer, shape) for layer, shapes in wanted.items() for shape in shapes]
    for (layer, shape), (key, dataset) in zip(needed, found, strict=False):
        if dataset.dtype.kind != "f" or _without_ones(dataset.shape) != _without_ones(shape):
            raise WeightsError(
                f"`{path}` must hold numbers of shape {shape} for the layer {layer}, "
                f"received {dataset.dtype} of shape {tuple(dataset.shape)} in {key}"
            )
    if len(found) != len(needed):
        at = f"nothing for the layer {needed[len(found)][0]}" if len(found) < len(needed) else found[len(needed)][0]
        raise WeightsError(f"`{path}` must hold {len(needed)} arrays, received {len(found)}: {at}")


def _without_ones(shape: Sequence[int]) -> Shape:
    return tuple(length for length in shape if length != 1)
