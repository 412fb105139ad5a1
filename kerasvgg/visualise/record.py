"""Every layer's output on the way of a picture through a model, nested or flat."""

import inspect
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerasvgg.errors import ModelFileError

Visit = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], Any]


def walk(model: Any, inputs: Sequence[Any], visit: Visit) -> Any:
    """Calls visit(path, layer, args, kwargs) for each layer in the order of computing and returns the model's output.

    What `visit` returns is passed on as the layer's output. A path is `vgg16/block5_conv3` in a nested model; the
    second call of a shared layer has `#2` behind its name. Nothing is re-wired, so pictures may have another size.
    """
    graph = graph_of(model)
    if graph is None:
        raise ModelFileError(f"`model` must be a Functional or Sequential model, received a {type(model).__name__}")
    return _Walk(visit).through(graph, list(inputs), "")


def graph_of(layer: Any) -> Any:
    """Returns the graph of a nested model, None for a layer that is none."""
    graph = getattr(layer, "_functional", layer)  # a Sequential model keeps one
    return graph if hasattr(graph, "_run_through_graph") else None


class _Walk:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._calls: Counter[str] = Counter()

    def through(self, graph: Any, inputs: list[Any], prefix: str) -> Any:
        """Runs the graph's operations in Keras' own order."""
        import keras

        def of(layer: Any) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                path = self._path(prefix + layer.name)
                inner = graph_of(layer)
                if inner is None:
                    return self._visit(path, layer, args, kwargs)
                first = args[0] if args else next(iter(kwargs.values()))
                return self.through(inner, keras.tree.flatten(first), f"{path}/")

            return call

        return graph._run_through_graph(inputs, operation_fn=of)

    def _path(self, path: str) -> str:
        self._calls[path] += 1
        return path if self._calls[path] == 1 else f"{path}#{self._calls[path]}"


ACTIVATIONS = ("Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU")  # the other layers are told theirs


@dataclass
class Recording:
    """`outputs` are tensors by path, in the order of computing; `result` is the model's, None if it stopped before.

    `refused` says which layer would not take what came to it and why, "" for none.
    """

    outputs: dict[str, Any] = field(default_factory=dict)
    result: Any = None
    refused: str = ""


class _StopError(Exception):
    """What was asked for has been computed."""


def record(model: Any, pictures: Any, *, until: str = "", linear: Any = None) -> Recording:
    """Runs the model in inference mode on pictures (n, height, width, channels), eagerly or in a tf.function.

    It goes up to the layer at the path `until`. The layer `linear` does without its activation. Of a picture size
    that some layer refuses, everything before that layer is recorded. A gradient tape sees all of it.
    """
    import tensorflow as tf

    found = Recording()

    def visit(path: str, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        call = _without_activation if layer is linear else _call
        try:
            outputs = call(layer, args, kwargs)
        except (ValueError, tf.errors.OpError) as error:
            found.refused = f"{path} ({type(layer).__name__}): {_first_line(error)}"
            raise _StopError from error
        found.outputs[path] = outputs[0] if isinstance(outputs, list | tuple) else outputs
        if path == until:
            raise _StopError
        return outputs

    with suppress(_StopError):
        result = walk(model, [tf.cast(pictures, tf.float32)], visit)
        found.result = result[0] if isinstance(result, list) and len(result) == 1 else result  # as files have it
    return found


def _call(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if "training" in inspect.signature(layer.call).parameters:
        kwargs = {**kwargs, "training": False}
    return layer(*args, **kwargs)


def _without_activation(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    import keras

    if type(layer).__name__ in ACTIVATIONS:
        return args[0]
    if not hasattr(layer, "activation"):
        return _call(layer, args, kwargs)
    before, layer.activation = layer.activation, keras.activations.linear
    try:
        return _call(layer, args, kwargs)
    finally:
        layer.activation = before


def _first_line(error: Exception) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def activations(model: Any, image: np.ndarray, refused: list[str] | None = None) -> dict[str, np.ndarray]:
    """Returns each layer's output for a picture (height, width, channels), without the batch axis, by the layer's path.

    The picture may have another size than the model's: what comes before the first layer that refuses it is returned,
    and `refused` is given that layer's path and its reason. Feature maps are (height, width, channels).
    """
    found = record(model, image[None])
    if found.refused and refused is not None:
        refused.append(found.refused)
    return {path: np.asarray(output, dtype=np.float32)[0] for path, output in found.outputs.items()}
