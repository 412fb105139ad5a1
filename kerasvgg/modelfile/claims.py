"""What a layer claims whose weights kerasvgg can't count, against the arrays that its file has for it."""

import math
from collections.abc import Iterator
from typing import Any

from kerasvgg.modelfile.assign import Arrays
from kerasvgg.modelfile.graph import Graph, Layer
from kerasvgg.modelfile.layers.table import RULES
from kerasvgg.modelfile.saved import Danger
from kerasvgg.modelfile.shapes import Shapes

NOT_SIZES = ("vocabulary", "shared_object_id")
ALWAYS = 1 << 12  # weights that a layer may claim without having them
LARGEST = 1 << 20  # number in the settings of a layer whose arrays are smaller
# Of the settings of one name each, the product that the layer has at least as many weights as.
PRODUCTS = (("num_heads", "key_dim"), ("num_query_heads", "head_dim"), ("units", "units"), ("filters", "filters"))


def unbacked_claims(graph: Graph, shapes: Shapes, arrays: Arrays) -> Iterator[Danger]:
    """Yields the layers that would take far more memory than the arrays that they have."""
    for path, layer in graph.walk():
        if id(layer) in shapes.built or layer.inner:
            continue
        count = sum(math.prod(array.shape) for array in arrays.get(id(layer), ()))
        claim, largest = _claim(layer)
        claim = 0 if layer.class_name in RULES else claim  # its weights depend on an input that can't be told
        if claim > max(count, ALWAYS) or largest > max(count, LARGEST):
            text = f"its settings claim {max(claim, largest):,} weights or more, the file has {count:,} for it"
            yield Danger("bomb", "/".join((*path, layer.name)), text)


def _claim(layer: Layer) -> tuple[int, int]:
    """Returns the greatest product and the greatest whole number in all that belongs to a layer."""
    found: dict[str, int] = {}
    largest = 0
    stack: list[tuple[str, Any]] = [("", layer.fields.get("cell")), ("", layer.build), *layer.fields.items()]
    while stack:
        name, value = stack.pop()
        if isinstance(value, dict):
            stack += [(str(key), item) for key, item in value.items() if key not in NOT_SIZES]
        elif isinstance(value, list):
            stack += [(name, item) for item in value]
        elif isinstance(value, int) and not isinstance(value, bool) and name != "seed":
            found[name] = max(found.get(name, 0), value)
            largest = max(largest, value)
    return max((found.get(one, 0) * found.get(other, 0) for one, other in PRODUCTS), default=0), largest
