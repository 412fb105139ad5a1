"""How a network of VGG's kind is divided: convolutions and poolings for ncnn, as its text, and the rest for numpy.

Source of the format: ncnn's "param and model file structure" and its layers' sources.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasvgg.engines.folding import activation_of, folded, normalization
from kerasvgg.engines.network import PICTURES, Layer, Network, UnsupportedError, network_of
from kerasvgg.engines.vectors import Compute, computes

MAGIC = "7767517"
SAME = -233  # ncnn's word for TensorFlow's padding, which has the odd row below
TAGGED = np.zeros(1, dtype=np.float32)  # before an array that could be of another kind: it is float32
Written = tuple[str, list[np.ndarray]]


@dataclass(frozen=True)
class Plan:
    """`text` and `weights` are ncnn's two files, `taps` the layers whose outputs numpy goes on with, in their order.

    Of the taps there are the `numbers` in the Keras model, too. `rest` are the layers that numpy computes, each with
    the places of its inputs. `shape` is that of one picture.
    """

    shape: tuple[int, ...]
    text: str
    weights: bytes
    taps: tuple[int, ...]
    numbers: tuple[int, ...]
    rest: Mapping[int, tuple[Compute, tuple[int, ...]]]
    outputs: tuple[int, ...]


def plan(network: Network) -> Plan:
    """Divides a network. Raises UnsupportedError for a layer that neither can compute."""
    network = folded(network)
    is_map = {PICTURES: len(network.shape) == 3}
    channels = {PICTURES: network.shape[-1]}
    lines, arrays, rest = [f"Input in 0 1 {blob(PICTURES)}"], list[np.ndarray](), {}
    for place, layer in enumerate(network.layers):
        before = layer.inputs[0]
        is_map[place] = is_map[before] and layer.kind in MAPS
        if is_map[place]:
            (kind, settings), own = MAPS[layer.kind](layer, channels[before])
            lines.append(f"{kind} l{place} 1 1 {blob(before)} {blob(place)} {settings}")
            arrays += own
            channels[place] = layer.arrays[0].shape[-1] if layer.kind == "Conv2D" else channels[before]
        else:
            rest[place] = computes(layer), layer.inputs
    _require_one_reader(network, is_map)
    wanted = {one for _, inputs in rest.values() for one in inputs} | set(network.outputs)
    taps = tuple(sorted(one for one in wanted if is_map[one] and one != PICTURES))
    text = "\n".join([MAGIC, f"{len(lines)} {len(lines)}", *lines]) + "\n"
    weights = b"".join(np.ascontiguousarray(one, dtype="<f4").tobytes() for one in arrays)
    numbers = tuple(network.layers[one].number for one in taps)
    return Plan(network.shape, text, weights, taps, numbers, rest, network.outputs)


def planned(model: Any) -> Network | None:
    """Returns the network of a Keras model, None for one that ncnn and numpy can't compute.

    A layer may be of any sort that others have made, so that whatever goes wrong means that.
    """
    try:
        network = network_of(model)
        plan(network)
    except Exception:
        return None
    return network


def blob(place: int) -> str:
    """Returns what ncnn calls the output of a layer."""
    return f"b{place + 1}"


def _require_one_reader(network: Network, is_map: Mapping[int, bool]) -> None:
    readers = Counter(layer.inputs[0] for place, layer in enumerate(network.layers) if is_map[place])
    if any(count > 1 for count in readers.values()):
        raise UnsupportedError("feature maps that several layers of maps read")


def _convolution(layer: Layer, _channels: int) -> tuple[tuple[str, str], list[np.ndarray]]:
    settings, kernel = layer.settings, layer.arrays[0]
    height, width, _, filters = kernel.shape
    activation = str(settings["activation"])
    if settings.get("groups", 1) != 1 or set(settings.get("dilation_rate", [1])) != {1} or _is_first(settings):
        raise UnsupportedError("a convolution in groups, with gaps or with its channels first")
    if activation not in ("linear", "relu"):
        raise UnsupportedError(f"a convolution with the activation {activation}")
    padding = _padding(settings, (height, width))
    written = (
        f"0={filters} 1={width} 11={height} 3={settings['strides'][1]} 13={settings['strides'][0]} {padding} "
        f"5={int(settings['use_bias'])} 6={kernel.size} 9={int(activation == 'relu')}"
    )
    return ("Convolution", written), [TAGGED, kernel.transpose(3, 2, 0, 1), *layer.arrays[1:]]


def _padding(settings: Mapping[str, Any], sides: tuple[int, int]) -> str:
    if settings["padding"] == "valid":
        return "4=0"
    if any(side < stride for side, stride in zip(sides, settings["strides"], strict=True)):
        raise UnsupportedError("`same` padding with a kernel shorter than its stride, by which ncnn loses its way")
    if set(settings["strides"]) == {1} and all(side % 2 for side in sides):
        return f"4={sides[1] // 2} 14={sides[0] // 2}"
    return f"4={SAME}"


def _pooling(layer: Layer, _channels: int) -> tuple[tuple[str, str], list[np.ndarray]]:
    settings, is_mean = layer.settings, layer.kind.startswith("Average")
    if _is_first(settings) or (is_mean and settings["padding"] != "valid"):
        raise UnsupportedError("a pooling with its channels first, or of means with padding")
    if any(side < stride for side, stride in zip(settings["pool_size"], settings["strides"], strict=True)):
        raise UnsupportedError("a pooling that leaves out pixels")
    (height, width), (down, across) = settings["pool_size"], settings["strides"]
    mode = 1 if settings["padding"] == "valid" else 2
    return ("Pooling", f"0={int(is_mean)} 1={width} 11={height} 2={across} 12={down} 5={mode}"), []


def _rescaling(layer: Layer, channels: int) -> tuple[tuple[str, str], list[np.ndarray]]:
    scale, shift = (layer.settings[name] for name in ("scale", "offset"))
    if not all(isinstance(one, int | float) for one in (scale, shift)):
        raise UnsupportedError("a Rescaling of each channel by its own")
    return _scale(np.full(channels, scale), np.full(channels, shift))


def _normalization(layer: Layer, _channels: int) -> tuple[tuple[str, str], list[np.ndarray]]:
    if layer.settings.get("axis") not in (-1, [-1], 3, [3]):
        raise UnsupportedError("a BatchNormalization of another axis than the channels")
    return _scale(*normalization(layer))


def _scale(scale: np.ndarray, shift: np.ndarray) -> tuple[tuple[str, str], list[np.ndarray]]:
    return ("Scale", f"0={len(scale)} 1=1"), [scale, shift]


def _activation(layer: Layer, _channels: int) -> tuple[tuple[str, str], list[np.ndarray]]:
    if (found := activation_of(layer)) != "relu":
        raise UnsupportedError(f"feature maps with the activation {found or layer.kind}")
    return ("ReLU", ""), []


def _local_response(layer: Layer, _channels: int) -> tuple[tuple[str, str], list[np.ndarray]]:
    n, k, alpha, beta = (layer.settings[name] for name in ("n", "k", "alpha", "beta"))
    return ("LRN", f"0=0 1={n} 2={alpha * n} 3={beta} 4={k}"), []  # ncnn divides alpha by n


def _is_first(settings: Mapping[str, Any]) -> bool:
    return bool(settings.get("data_format", "channels_last") != "channels_last")


MAPS: dict[str, Callable[[Layer, int], tuple[tuple[str, str], list[np.ndarray]]]] = {
    "Conv2D": _convolution,
    "MaxPooling2D": _pooling,
    "AveragePooling2D": _pooling,
    "Rescaling": _rescaling,
    "BatchNormalization": _normalization,
    "Activation": _activation,
    "ReLU": _activation,
    "LocalResponseNormalization": _local_response,
}
