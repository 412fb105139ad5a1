"""Which network it is, where its base ends and its head begins."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kerasvgg.modelfile.facts import LayerFacts, Network
from kerasvgg.modelfile.vgg_columns import Convolution, blocks_of, vgg_column

HEAD = re.compile(r"(Flatten|Global\w+Pool(ing)?2D|Dense)$")


class Leaf(NamedTuple):
    """A layer without layers in it, by the names that lead to it."""

    path: str
    layer: LayerFacts


def network_facts(layers: Sequence[LayerFacts]) -> Network | None:
    """Returns what is known of the whole network; None for one without convolutions."""
    leaves = list(leaves_of(layers))
    convolutions = convolutions_of(leaves)
    if not convolutions:
        return None
    found = vgg_column([shape for _, shape in convolutions])
    if found is None:
        return Network("", {}, *_parted(leaves, convolutions[-1][0]))
    column, first = found
    of_base = convolutions[first : first + len(blocks_of(column))]
    blocks: dict[str, set[str]] = {}
    for block, (leaf, _) in zip(blocks_of(column), of_base, strict=True):
        blocks.setdefault(block, set()).add(_state(leaf.layer.trainable))
    said = {block: states.pop() if len(states) == 1 else "partly trained" for block, states in blocks.items()}
    return Network(_named(column, leaves), said, *_parted(leaves, of_base[-1][0]))


def _parted(leaves: list[Leaf], last: Leaf) -> tuple[str, tuple[str, ...]]:
    """Returns the last layer of the base and those of the head; `last` is the base's last convolution."""
    behind = range(leaves.index(last) + 1, len(leaves))
    start = next((i for i in behind if _begins_head(leaves[i].layer)), len(leaves))
    return leaves[start - 1].path, tuple(leaf.path for leaf in leaves[start:])


def _begins_head(layer: LayerFacts) -> bool:
    """Tells whether it flattens or is dense; MatConvNet's dense layers are convolutions."""
    return HEAD.search(layer.class_name) is not None or _convolution(layer) is not None


def leaves_of(layers: Sequence[LayerFacts], path: str = "") -> Iterator[Leaf]:
    """Yields the layers that have no layers in them, in order."""
    for layer in layers:
        place = f"{path}{layer.name}"
        if layer.layers:
            yield from leaves_of(layer.layers, f"{place}/")
        else:
            yield Leaf(place, layer)


def convolutions_of(leaves: Sequence[Leaf]) -> list[tuple[Leaf, Convolution]]:
    """Returns the convolutions of pictures among the layers, with the side of the kernel and the number of filters."""
    return [(leaf, shape) for leaf in leaves if (shape := _convolution(leaf.layer)) is not None]


def _convolution(layer: LayerFacts) -> Convolution | None:
    kernel = next((array.shape for array in layer.arrays if len(array.shape) == 4), None)
    if "Depthwise" in layer.class_name or "Separable" in layer.class_name or "Transpose" in layer.class_name:
        return None
    if kernel is not None:
        return (kernel[0], kernel[3]) if kernel[0] == kernel[1] else (0, kernel[3])
    if re.match(r"Conv(olution)?2D$", layer.class_name):
        side, filters = layer.settings.get("kernel_size", "").split("x")[0], layer.settings.get("filters", "")
        return (int(side), int(filters)) if side.isdigit() and filters.isdigit() else (0, 0)
    return None


def _named(column: str, leaves: Sequence[Leaf]) -> str:
    has_response = any("Response" in leaf.layer.class_name or "LRN" in leaf.layer.class_name for leaf in leaves)
    return "A-LRN" if column == "A" and has_response else column


def _state(trainable: bool | None) -> str:
    return "unknown" if trainable is None else "trained" if trainable else "frozen"
