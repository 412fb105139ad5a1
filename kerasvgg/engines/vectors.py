"""What numpy computes of a network, so that the bits of a picture do not depend on which others are with it."""

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from kerasvgg.engines.folding import activation_of, normalization
from kerasvgg.engines.network import Layer, UnsupportedError

Compute = Callable[[Sequence[np.ndarray]], np.ndarray]


def computes(layer: Layer) -> Compute:
    """Returns the layer as a function of its inputs: maps (n, height, width, channels) or vectors (n, numbers).

    Raises UnsupportedError for one that there is not.
    """
    if layer.kind == "Dense":
        return _dense(layer)
    if layer.kind not in KINDS:
        raise UnsupportedError(f"a layer {layer.kind} is none of those that can go without TensorFlow")
    one = KINDS[layer.kind](layer)
    return lambda inputs: np.stack([one(each) for each in zip(*inputs, strict=True)])


BLOCK = 8  # pictures that a dense layer's weights, which are more than a processor's memory holds, are read for at once


def _dense(layer: Layer) -> Compute:
    kernel, *given = layer.arrays
    bias = given[0] if given else np.zeros(kernel.shape[1], dtype=np.float32)
    act = _activation(str(layer.settings["activation"]))

    def computed(inputs: Sequence[np.ndarray]) -> np.ndarray:
        x = np.ascontiguousarray(inputs[0])
        if x.ndim > 2 or not _rows_are_independent(*kernel.shape):
            rows: list[np.ndarray] = [np.asarray(one @ kernel) for one in x]
        else:
            full = np.zeros((-(-len(x) // BLOCK) * BLOCK, x.shape[1]), dtype=np.float32)
            full[: len(x)] = x
            rows = [
                np.asarray(row) for start in range(0, len(full), BLOCK) for row in full[start : start + BLOCK] @ kernel
            ]
        return np.stack([act(row + bias) for row in rows[: len(x)]])

    return computed


@cache
def _rows_are_independent(inputs: int, outputs: int) -> bool:
    """Tells whether a row of a product of BLOCK rows is the same, to the last bit, wherever it stands.

    That is the library's affair, and differs between processors, so that it is tried.
    """
    draw = np.random.default_rng(0)
    kernel, row = draw.standard_normal((inputs, outputs), dtype=np.float32), draw.standard_normal(inputs, np.float32)
    found = []
    for place in (0, 3, BLOCK - 1):
        block = draw.standard_normal((BLOCK, inputs), dtype=np.float32)
        block[place] = row
        found.append((block @ kernel)[place])
    return all(np.array_equal(one, found[0]) for one in found)


def _activation(name: str) -> Callable[[np.ndarray], np.ndarray]:
    if name not in ACTIVATIONS:
        raise UnsupportedError(f"the activation {name} is none of {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -x.astype(np.float64))).astype(np.float32)


def _softmax(x: np.ndarray) -> np.ndarray:
    shares = np.exp(x - x.max(axis=-1, keepdims=True))
    made: np.ndarray = shares / shares.sum(axis=-1, keepdims=True)
    return made


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, np.float32(0)),
    "sigmoid": _sigmoid,
    "softmax": _softmax,
}


def _activates(layer: Layer) -> Compute:
    act = _activation(str(activation_of(layer)))
    return lambda inputs: act(inputs[0])


def _flattened(layer: Layer) -> Compute:
    _require_channels_last(layer)
    return lambda inputs: np.ascontiguousarray(inputs[0]).reshape(-1)


def _require_channels_last(layer: Layer) -> None:
    if layer.settings.get("data_format", "channels_last") != "channels_last":
        raise UnsupportedError(f"{layer.kind} with its channels first")


def _pooled(layer: Layer) -> Compute:
    _require_channels_last(layer)
    if layer.settings.get("keepdims"):
        raise UnsupportedError(f"{layer.kind} with `keepdims`")
    best = "Max" in layer.kind
    # The order of adding up, and so the last bit, must not depend on how the maps lie in memory.
    return lambda inputs: (np.max if best else np.mean)(np.ascontiguousarray(inputs[0]), axis=(0, 1))


def _unit(layer: Layer) -> Compute:
    if layer.settings.get("axis") not in (-1, [-1]):
        raise UnsupportedError(f"UnitNormalization over the axis {layer.settings.get('axis')}")

    def divided(inputs: Sequence[np.ndarray]) -> np.ndarray:
        norm = np.sqrt((inputs[0] * inputs[0]).sum(axis=-1, keepdims=True))
        made: np.ndarray = inputs[0] / np.maximum(norm, np.float32(1e-12))
        return made

    return divided


def _concatenated(layer: Layer) -> Compute:
    if layer.settings.get("axis") != -1:
        raise UnsupportedError(f"Concatenate over the axis {layer.settings.get('axis')}")
    return lambda inputs: np.concatenate(inputs, axis=-1)


def _normalizes(layer: Layer) -> Compute:
    if layer.settings.get("axis") not in (-1, [-1]):
        raise UnsupportedError(f"BatchNormalization over the axis {layer.settings.get('axis')}")
    scale, shift = (one.astype(np.float32) for one in normalization(layer))
    return lambda inputs: inputs[0] * scale + shift


# Of one picture at a time: maps (height, width, channels) or vectors (numbers,).
KINDS: dict[str, Callable[[Layer], Compute]] = {
    "Flatten": _flattened,
    "GlobalAveragePooling2D": _pooled,
    "GlobalMaxPooling2D": _pooled,
    "UnitNormalization": _unit,
    "Concatenate": _concatenated,
    "BatchNormalization": _normalizes,
    "Activation": _activates,
    "ReLU": _activates,
    "Softmax": _activates,
}
