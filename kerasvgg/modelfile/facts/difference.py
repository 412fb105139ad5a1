"""What two model files differ in, layer by layer."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kerasvgg.modelfile.facts.facts import ArrayFacts, Facts, LayerFacts
from kerasvgg.modelfile.facts.network import Leaf, leaves_of

if TYPE_CHECKING:
    import numpy as np

SAME, CHANGED, SHAPE, SETTINGS, CLASS, ONLY_FIRST, ONLY_SECOND = WHAT = (
    "same",
    "weights",
    "shape",
    "settings",
    "class",
    "only in the first",
    "only in the second",
)


@dataclass(frozen=True)
class LayerDifference:
    """`what` is one of WHAT, `detail` says both sides of what is not a matter of weights.

    `largest` is the greatest change of a weight; `relative` is that of the layer, the norm of all changes over the norm
    of the first's weights.
    """

    name: str
    what: str
    detail: str = ""
    largest: float = 0.0
    relative: float = 0.0


Blocks = Callable[[str], "Iterable[np.ndarray]"]


def layer_differences(first: Facts, second: Facts, of_first: Blocks, of_second: Blocks) -> list[LayerDifference]:
    """Returns a line for each layer that has weights or differs; the blocks are those of arrays by name."""
    ones, others = list(leaves_of(first.layers)), list(leaves_of(second.layers))
    pairs = _pairs(ones, others)
    found = []
    for leaf in ones:
        other = pairs.get(leaf.path)
        if other is None:
            found.append(LayerDifference(leaf.path, ONLY_FIRST, leaf.layer.class_name))
        else:
            found += _of_pair(leaf, other, of_first, of_second)
    taken = {other.path for other in pairs.values()}
    return found + [LayerDifference(o.path, ONLY_SECOND, o.layer.class_name) for o in others if o.path not in taken]


def _pairs(ones: list[Leaf], others: list[Leaf]) -> dict[str, Leaf]:
    """Pairs layers by their whole path, or by their own name where just one layer on each side has it."""
    by_path = {leaf.path: leaf for leaf in others}
    names, other_names = (Counter(leaf.layer.name for leaf in leaves) for leaves in (ones, others))
    by_name = {leaf.layer.name: leaf for leaf in others if other_names[leaf.layer.name] == 1}
    pairs = {}
    for leaf in ones:
        other = by_path.get(leaf.path) or (by_name.get(leaf.layer.name) if names[leaf.layer.name] == 1 else None)
        if other:
            pairs[leaf.path] = other
    return pairs


def _of_pair(one: Leaf, other: Leaf, of_first: Blocks, of_second: Blocks) -> Iterator[LayerDifference]:
    if one.layer.class_name and other.layer.class_name and one.layer.class_name != other.layer.class_name:
        yield LayerDifference(one.path, CLASS, f"{one.layer.class_name}, {other.layer.class_name}")
    elif settings := _settings(one.layer, other.layer):
        yield LayerDifference(one.path, SETTINGS, settings)
    shapes = [[array.shape for array in leaf.layer.arrays] for leaf in (one, other)]
    if shapes[0] != shapes[1]:
        yield LayerDifference(one.path, SHAPE, f"{_shapes(one.layer)}; {_shapes(other.layer)}")
    elif shapes[0]:
        largest, relative = _moved(one.layer.arrays, other.layer.arrays, of_first, of_second)
        yield LayerDifference(one.path, CHANGED if largest else SAME, "", largest, relative)


def _settings(one: LayerFacts, other: LayerFacts) -> str:
    """Returns the settings that differ; what only one Keras wrote down is the other's default."""
    names = sorted(one.settings.keys() & other.settings.keys())
    sides = ((name, one.settings[name], other.settings[name]) for name in names)
    return "; ".join(f"{name} {left}, {right}" for name, left, right in sides if left != right)


def _shapes(layer: LayerFacts) -> str:
    return ", ".join("x".join(map(str, array.shape)) for array in layer.arrays) or "no weights"


def _moved(
    ones: tuple[ArrayFacts, ...], others: tuple[ArrayFacts, ...], of_first: Blocks, of_second: Blocks
) -> tuple[float, float]:
    """Returns the greatest change, infinite where a number is NaN on one side only, and the relative one of all."""
    import numpy as np

    largest, change, norm = 0.0, 0.0, 0.0
    for one, other in zip(ones, others, strict=True):
        for left, right in zip(of_first(one.name), of_second(other.name), strict=True):
            before, after = left.astype(np.float64), right.astype(np.float64)
            both = (before == after) | (np.isnan(before) & np.isnan(after))
            moved = np.where(both, 0.0, after - before)
            apart = np.abs(moved).max(initial=0.0)
            largest = max(largest, math.inf if math.isnan(apart) else float(apart))
            change += float(np.dot(moved, moved))
            norm += float(np.dot(before, before))
    relative = math.sqrt(change / norm) if norm > 0 else 0.0 if not change else math.inf
    return largest, math.inf if math.isnan(relative) else relative
