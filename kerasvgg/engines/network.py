"""What a model computes, layer by layer, as plain data: read off a Keras model here, off a file in `saved`."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kerasvgg.errors import KerasVGGError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.models.walk import walk

HOMES = ("keras", "kerasvgg")
PICTURES = -1  # the place of what comes in, among the inputs of a layer
# Settings that say how a layer came about, or what it is called, and not what it computes.
IRRELEVANT = ("name", "trainable", "dtype", "seed", "batch_input_shape", "batch_shape", "build_config")
OF_BEGINNING = ("initializer", "regularizer", "constraint")


class UnsupportedError(KerasVGGError):
    """The network has a layer that an engine can't compute."""


@dataclass(frozen=True)
class Layer:
    """A layer of the Keras class `kind`, with its settings and arrays as Keras keeps them.

    `inputs` are the places, in the network, of the layers whose outputs it takes; `number` is that of the layer, in the
    order of computing, whose output in the Keras model is this one's.
    """

    kind: str
    settings: Mapping[str, Any]
    arrays: tuple[np.ndarray, ...]
    inputs: tuple[int, ...]
    number: int


@dataclass(frozen=True)
class Network:
    """Layers, each after those that it depends on; `shape` is that of one picture, or of what stands for it.

    `outputs` are the places of the layers whose outputs the network gives, in a row if there are several.
    """

    shape: tuple[int, ...]
    layers: tuple[Layer, ...]
    outputs: tuple[int, ...]

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of all that its results follow from."""
        layers = [[one.kind, one.settings, one.inputs] for one in self.layers]
        text = json.dumps([self.shape, layers, self.outputs], sort_keys=True)
        arrays = fingerprint(array for one in self.layers for array in one.arrays)
        return hashlib.sha256(f"{text}{arrays}".encode()).hexdigest()

    def with_features(self) -> "Network":
        """Returns the network with what goes into its last layer as another output, before its own."""
        (last,) = self.outputs
        return replace(self, outputs=(*self.layers[last].inputs, last))


@dataclass(frozen=True)
class _Value:
    """Stands for a tensor while a model is walked through; to Keras it must not look like several."""

    place: int


def network_of(model: Any) -> Network:
    """Returns what a Keras model of one input computes in inference mode, nested models laid flat.

    Raises UnsupportedError for what is no graph of layers in float32.
    """
    layers: list[Layer] = []

    def visit(path: str, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Value:
        inputs = _values([args, list(kwargs.values())])
        if not inputs or not hasattr(layer, "get_weights"):
            raise UnsupportedError(f"{type(layer).__name__} is an operation and no layer")
        if type(layer).__module__.partition(".")[0] not in HOMES:
            raise UnsupportedError(f"{type(layer).__name__} is a layer of somebody's own, whatever it is called")
        settings = json.loads(json.dumps(layer.get_config(), default=str))
        layers.append(as_layer(type(layer).__name__, settings, layer.get_weights(), inputs, len(layers)))
        return _Value(len(layers) - 1)

    if len(model.inputs) != 1 or any(side is None for side in model.inputs[0].shape[1:]):
        raise UnsupportedError("a model must have one input of a known shape")
    try:
        found = walk(model, [_Value(PICTURES)], visit)
    except KerasVGGError as error:
        raise UnsupportedError(str(error)) from error
    return Network(tuple(model.inputs[0].shape[1:]), tuple(layers), tuple(_values([found])))


def as_layer(
    kind: str, settings: Mapping[str, Any], arrays: Sequence[np.ndarray], inputs: Sequence[int], number: int
) -> Layer:
    """Returns a layer of a Keras configuration (JSON values) without what makes no difference to its results.

    Raises UnsupportedError for another precision than float32.
    """
    if (precision := _precision(settings.get("dtype"))) not in ("float32", "None"):
        raise UnsupportedError(f"{kind} computes in {precision}")
    if kind in ("Conv2D", "Dense") and len(arrays) != 1 + bool(settings["use_bias"]):
        raise UnsupportedError(f"{kind} has more weights than a kernel and a bias, as with LoRA")
    kept = {
        name: value for name, value in settings.items() if name not in IRRELEVANT and not name.endswith(OF_BEGINNING)
    }
    return Layer(kind, kept, tuple(np.asarray(array, dtype=np.float32) for array in arrays), tuple(inputs), number)


def _precision(dtype: Any) -> str:
    return str(dtype["config"].get("name")) if isinstance(dtype, Mapping) and "config" in dtype else str(dtype)


def _values(tree: Any) -> list[int]:
    """Returns the places of all values in nested lists."""
    if isinstance(tree, _Value):
        return [tree.place]
    return [place for one in tree for place in _values(one)] if isinstance(tree, list | tuple) else []
