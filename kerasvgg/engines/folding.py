"""The same network with fewer layers: normalisation inside convolutions, activations in their layers, no dropout."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from kerasvgg.engines.network import PICTURES, Layer, Network

IDENTITIES = ("Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "ActivityRegularization", "InputLayer")
CHANNELS = {"Conv2D": (-1, [-1], 3, [3]), "Dense": (-1, [-1])}  # the axes of a weighted layer's last dimension
Place = Callable[[list[Layer], Layer, bool], int | None]


def folded(network: Network) -> Network:
    """Returns a network of the same results, but for rounding, with fewer layers."""
    return _rebuilt(_rebuilt(network, _passed_through), _merged)


def _rebuilt(network: Network, place: Place) -> Network:
    """Returns the network without the layers that `place` finds a place for among those made so far.

    It is given these, the layer with its inputs among them, and whether nothing else takes its only input.
    """
    uses = Counter(one for layer in network.layers for one in layer.inputs) + Counter(network.outputs)
    made: list[Layer] = []
    now = {PICTURES: PICTURES}
    for number, layer in enumerate(network.layers):
        alone = len(layer.inputs) == 1 and uses[layer.inputs[0]] == 1
        moved = replace(layer, inputs=tuple(now[one] for one in layer.inputs))
        found = place(made, moved, alone)
        if found is None:
            made.append(moved)
        now[number] = len(made) - 1 if found is None else found
    return Network(network.shape, tuple(made), tuple(now[one] for one in network.outputs))


def _passed_through(made: list[Layer], layer: Layer, alone: bool) -> int | None:
    is_linear = layer.kind == "Activation" and layer.settings.get("activation") == "linear"
    return layer.inputs[0] if layer.kind in IDENTITIES or is_linear else None


def _merged(made: list[Layer], layer: Layer, alone: bool) -> int | None:
    """Puts a normalisation or an activation into the weighted layer before it, which has neither yet."""
    if not alone or layer.inputs[0] == PICTURES:
        return None
    before = made[layer.inputs[0]]
    if before.kind not in CHANNELS or before.settings.get("activation") != "linear":
        return None
    activation = activation_of(layer)
    if layer.kind == "BatchNormalization" and layer.settings.get("axis") in CHANNELS[before.kind]:
        made[layer.inputs[0]] = _normalized(before, layer)
    elif activation:
        settings = {**before.settings, "activation": activation}
        made[layer.inputs[0]] = replace(before, settings=settings, number=layer.number)
    else:
        return None
    return layer.inputs[0]


def activation_of(layer: Layer) -> str | None:
    """Returns the activation that a layer is, None for one that does something else."""
    settings = layer.settings
    if layer.kind == "Activation":
        return str(settings["activation"])
    if layer.kind == "ReLU" and not (settings["max_value"] or settings["negative_slope"] or settings["threshold"]):
        return "relu"
    return {"Softmax": "softmax"}.get(layer.kind) if settings.get("axis") == -1 else None


def normalization(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Returns what a BatchNormalization multiplies each channel by, and what it then adds, float64 (channels,)."""
    arrays = [one.astype(np.float64) for one in layer.arrays]
    gamma = arrays.pop(0) if layer.settings["scale"] else np.ones_like(arrays[0])
    beta = arrays.pop(0) if layer.settings["center"] else np.zeros_like(arrays[0])
    mean, variance = arrays
    scale = gamma / np.sqrt(variance + layer.settings["epsilon"])
    return scale, beta - mean * scale


def _normalized(before: Layer, layer: Layer) -> Layer:
    scale, shift = normalization(layer)
    kernel, *bias = (one.astype(np.float64) for one in before.arrays)
    arrays = kernel * scale, (bias[0] if bias else 0) * scale + shift
    settings = {**before.settings, "use_bias": True}
    kept = tuple(one.astype(np.float32) for one in arrays)
    return replace(before, settings=settings, arrays=kept, number=layer.number)
