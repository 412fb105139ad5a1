"""Weights of a file that the layers of its model can't take, although there are as many as there should be."""

import math
from collections.abc import Iterable, Iterator

from kerasvgg.modelfile.assign import FIRST_PLACE, NOT_WEIGHTS, PLACE, Arrays, expected
from kerasvgg.modelfile.fields import Shape
from kerasvgg.modelfile.graph import Graph
from kerasvgg.modelfile.h5_model import TOP
from kerasvgg.modelfile.h5_store import VARIABLES
from kerasvgg.modelfile.saved import Danger, Saved, SavedLayer
from kerasvgg.modelfile.shapes import Shapes
from kerasvgg.modelfile.upgrade.patch import major


def weights_damage(saved: Saved, graph: Graph, shapes: Shapes, arrays: Arrays) -> Iterator[Danger]:
    """Yields the layers whose weights have other shapes, and the groups that are in another order or nobody's."""
    is_store = saved.container == "keras"
    if is_store or major(saved.keras_version) >= 2:  # Keras 1 had shapes of its own
        yield from _misshapen(graph, shapes, arrays)
    yield from (
        _left(saved, arrays) if is_store else (*_in_other_order(saved, graph), *_in_other_rows(saved, graph, shapes))
    )


def _misshapen(graph: Graph, shapes: Shapes, arrays: Arrays) -> Iterator[Danger]:
    for path, layer in graph.walk():
        built, found = shapes.built.get(id(layer)), [array.shape for array in arrays.get(id(layer), ())]
        wanted = [*built.trained, *built.kept] if built and not layer.inner else found
        if wanted != found and _count(wanted) == _count(found):
            text = f"the layer has weights of {wanted}, the file {found}"
            yield Danger("damage", "/".join((*path, layer.name)), text[:400])


def _count(shapes: Iterable[Shape]) -> int:
    return sum(math.prod(side or 0 for side in shape) for shape in shapes)


def _left(saved: Saved, arrays: Arrays) -> Iterator[Danger]:
    taken = {array.name for listed in arrays.values() for array in listed}
    for group in saved.layers:
        first, *below = group.name.split("/")
        is_layer = first in (PLACE, FIRST_PLACE, "") and not NOT_WEIGHTS & set(below)
        if is_layer and any(array.name not in taken for array in group.arrays):
            yield Danger("damage", f"{group.name}/{VARIABLES}".lstrip("/"), "no layer of the model takes these arrays")


def _are_states(group: SavedLayer) -> bool:
    """Tells whether they are random generators of TensorFlow, which Keras 3 passes by."""
    return group.name == TOP and all("int" in array.dtype for array in group.arrays)


def _in_other_rows(saved: Saved, graph: Graph, shapes: Shapes) -> Iterator[Danger]:
    """The arrays of a nested model are in one row: what is trained first, then the others."""
    rows = {group.name: [array.shape for array in group.arrays] for group in saved.layers}
    for layer in graph.layers:
        if layer.inner and not layer.is_wrapper and layer.name in rows:
            trained, kept = (expected(layer.inner, shapes, layer.trainable, which) for which in (True, False))
            row = [shape for _, shape in (*trained, *kept)]
            if sorted(row, key=str) == sorted(rows[layer.name], key=str) and row != rows[layer.name]:
                yield Danger("damage", layer.name, "the weights are in another order than the layers in it")


def _in_other_order(saved: Saved, graph: Graph) -> Iterator[Danger]:
    """In .h5 files Keras goes by the order alone, whatever the groups are called."""
    groups = [group.name for group in saved.layers if group.arrays and not _are_states(group)]
    layers = [layer.name for layer in graph.layers]
    known = [name for name in layers if name in groups]
    for name in groups:
        if name not in layers:
            yield Danger("damage", name, "no layer of the model takes these arrays")
    if known != [name for name in groups if name in layers]:
        yield Danger("damage", "", "the weights are in another order than the layers")
