"""Every layer's output on the way of a picture through a model, nested or flat."""

import inspect
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kerasvgg.models.walk import walk

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
