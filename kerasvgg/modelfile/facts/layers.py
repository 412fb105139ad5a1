"""The layers of a model as facts: what each comes to, what it weighs, and whether it is trained."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kerasvgg.modelfile.facts.facts import ArrayFacts, LayerFacts
from kerasvgg.modelfile.read.saved import SavedArray
from kerasvgg.modelfile.shapes.assign import Arrays
from kerasvgg.modelfile.shapes.fields import Built, Fields
from kerasvgg.modelfile.shapes.graph import Graph, Layer
from kerasvgg.modelfile.shapes.shapes import Shapes

OPERATIONS = ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer")  # of Keras 2: arithmetic without a layer
SETTINGS = (
    *("filters", "units", "kernel_size", "strides", "padding", "dilation_rate", "groups", "pool_size", "rate", "axis"),
    *("activation", "use_bias", "scale", "offset", "size", "target_shape", "data_format", "height", "width"),
)


@dataclass(frozen=True)
class Parts:
    """What is known of the layers: `named` are the classes' names in the file, by the names that lead to the layer."""

    shapes: Shapes
    arrays: Arrays
    named: Mapping[tuple[str, ...], str]


def layer_facts(graph: Graph, parts: Parts) -> tuple[LayerFacts, ...]:
    """Returns the layers of a model, those of models in it below them."""
    return _layers(graph, parts, ())


def _layers(graph: Graph, parts: Parts, path: tuple[str, ...]) -> tuple[LayerFacts, ...]:
    return tuple(_layer(layer, parts, (*path, layer.name)) for layer in graph.layers)


def _layer(layer: Layer, parts: Parts, path: tuple[str, ...]) -> LayerFacts:
    """As in Keras 3, a layer's own setting decides, not that of a model around it."""
    built, arrays = parts.shapes.built.get(id(layer)), parts.arrays.get(id(layer), [])
    inner: tuple[LayerFacts, ...] = ()
    if layer.inner and not layer.is_wrapper:
        inner = _layers(layer.inner, parts, path)
    class_name = parts.named.get(path, layer.class_name)
    total, trained = totals(inner) if inner else _counts(built, arrays, layer.trainable)
    if class_name in OPERATIONS:  # what stands for it in Keras 3 may have weights, the file has none
        total, trained = 0, 0
    return LayerFacts(
        name=layer.name,
        class_name=class_name,
        output_shape=built.output if built else None,
        parameters=total,
        trainable_parameters=trained,
        trainable=any(one.trainable for one in inner) if inner else layer.trainable,
        settings=_settings(layer.fields),
        arrays=tuple(ArrayFacts(array.name, array.shape, array.dtype) for array in arrays),
        layers=inner,
        takes=tuple(dict.fromkeys(tensor[0] for call in layer.calls for tensor in call)),
        note=parts.shapes.unknown.get(id(layer), "") if built is None else "",
    )


def totals(layers: tuple[LayerFacts, ...]) -> tuple[int | None, int | None]:
    """Returns the parameters of the layers, and those of them that are trained; None where one can't be told."""
    counts, trained = [layer.parameters for layer in layers], [layer.trainable_parameters for layer in layers]
    if None in counts:
        return None, None
    return sum(count or 0 for count in counts), None if None in trained else sum(count or 0 for count in trained)


def _counts(built: Built | None, arrays: list[SavedArray], trainable: bool) -> tuple[int | None, int | None]:
    if built is None:  # what the file has of it is all that is known
        total = sum(math.prod(array.shape) for array in arrays)
        return total, 0 if not total or not trainable else None
    trained = sum(_size(shape) for shape in built.trained)
    return trained + sum(_size(shape) for shape in built.kept), trained if trainable else 0


def _size(shape: tuple[int | None, ...]) -> int:
    return math.prod(side or 0 for side in shape)


def _settings(fields: Fields) -> dict[str, str]:
    return {name: _said(value) for name in SETTINGS if (value := fields.get(name)) is not None}


def _said(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("config") if value.get("class_name") == "function" else value.get("class_name")
    if isinstance(value, list):
        return "x".join(_said(one) for one in value[:8])
    return str(value)[:80]
