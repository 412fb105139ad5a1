"""Layers in int8: which there are, and which stay in float32 because they would spoil the answers."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kerasvgg.export.forward import MAPS

Passes = Callable[[Sequence[str]], bool]


def fewest_floats(order: Sequence[str], passes: Passes) -> list[str] | None:
    """Returns the shortest beginning of `order` with which an export passes, None where it takes all of them.

    `order` has the layers, most harmful first; without any it is known not to pass, and with more of them in float32
    the answers are taken to be nearer. What is returned was the last to pass, if not the last to be tried. The distance
    is halved each time: of 16 layers 4 exports are tried.
    """
    fails, good = 0, len(order)
    while good - fails > 1:
        middle = (fails + good) // 2
        if passes(order[:middle]):
            good = middle
        else:
            fails = middle
    return None if good == len(order) else list(order[:good])


def quantisable(model: Any) -> dict[str, int]:
    """Returns the layers with a kernel, in order, those of nested models too, but for class maps; and its weights."""
    kernels = {
        layer.name: sum(math.prod(weight.shape) for weight in layer.weights if "kernel" in weight.name)
        for layer in _flat(model)
    }
    return {name: count for name, count in kernels.items() if count and name != MAPS}


def layer_of(node: str, layers: Iterable[str]) -> str:
    """Returns which of all `layers` a node such as exported_1/vgg16_1/block1_conv1_1/BiasAdd was made of, "" for none.

    Keras appends a number to the name of a layer that is called once more, as each is here.
    """
    known = set(layers)
    for part in re.split("[/;]", node):
        for name in (re.sub(r"_\d+$", "", part), part):
            if name in known:
                return name
    return ""


def _flat(model: Any) -> list[Any]:
    found = []
    for layer in model.layers:
        found += _flat(layer) if hasattr(layer, "layers") else [layer]
    return found
