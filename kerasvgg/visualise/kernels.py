"""A model's first kernels, and the layers that only prepare pixels."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.visualise.layers import find_path, layers_by_path

COLOURS = (1, 3)


def kernels(model: Any, layer: str = "") -> tuple[str, np.ndarray]:
    """Returns the path of the first convolution, or of `layer`, and its kernels (filters, height, width, channels).

    The channels are those of the picture, red first, whatever order the model's preprocessing makes of them. A kernel
    on gray has one: it knows no colours.
    Raises ConfigError for a layer that does not look at one or three channels.
    """
    layers = layers_by_path(model)
    looking = [path for path, one in layers.items() if _kernel(one) is not None and not is_preprocessing(one)]
    path = find_path(looking, layer) if layer else next(iter(looking), "")
    kernel = _kernel(layers[path]) if path else None
    if kernel is None or kernel.shape[2] not in COLOURS:
        received = f"{path} on {kernel.shape[2]}" if kernel is not None else "a model without convolutions"
        raise ConfigError(f"`--layer` must be a convolution on 1 or 3 channels, received {received}")
    before = list(layers.values())[: list(layers).index(path)]
    for one in reversed([one for one in before if is_preprocessing(one)] if kernel.shape[2] > 1 else []):
        kernel = np.einsum("ij,hwjo->hwio", np.asarray(one.kernel)[0, 0], kernel)
    return path, kernel.transpose(3, 0, 1, 2)


def is_preprocessing(layer: Any) -> bool:
    """Tells whether the layer is a frozen 1x1 convolution on a picture's channels: it swaps or mixes them."""
    kernel = _kernel(layer)
    if kernel is None or layer.trainable_weights:
        return False
    return kernel.shape[:2] == (1, 1) and max(kernel.shape[2:]) <= max(COLOURS)


def _kernel(layer: Any) -> np.ndarray | None:
    if type(layer).__name__ != "Conv2D":
        return None
    return np.asarray(layer.kernel, dtype=np.float32)


CHANNELS = (1, 3)


def prepared(model: Any, outputs: Mapping[str, np.ndarray]) -> list[str]:
    """Returns the paths of the first layers that learn nothing and keep a picture a picture, in their order."""
    layers, found = layers_by_path(model), list[str]()
    for path, output in outputs.items():
        learns = layers[path].weights and not is_preprocessing(layers[path])
        if learns or output.ndim != 3 or output.shape[-1] not in CHANNELS:
            break
        found.append(path)
    return found
