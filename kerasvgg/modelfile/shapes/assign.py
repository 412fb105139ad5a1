"""Which arrays of a file belong to which layer, and what layers claim without arrays."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from kerasvgg.modelfile.read.saved import Danger, Saved, SavedArray
from kerasvgg.modelfile.shapes.fields import Built, Shape, lora_matrices
from kerasvgg.modelfile.shapes.graph import Graph, Layer
from kerasvgg.modelfile.shapes.layers.table import RULES
from kerasvgg.modelfile.shapes.shapes import Shapes

Arrays = dict[int, list[SavedArray]]  # by `id` of the layer
Groups = dict[str, list[SavedArray]]
MOST_PARTS = 60  # of a path in the store, of models nested as deep as they may be
PLACE, FIRST_PLACE = "layers", "_layer_checkpoint_dependencies"  # of TensorFlow 2.12
NOT_WEIGHTS = frozenset({"seed_generator", "optimizer"})  # parts of a store, between the slashes


def assign(saved: Saved, graph: Graph, shapes: Shapes) -> Arrays:
    """Returns the arrays of each layer, in Keras' order; those of a model whose layers can't be told stay with it."""
    if saved.container == "keras":
        return dict(_from_store(graph, _below(saved), ""))
    found: Arrays = {}
    groups = {layer.name: list(layer.arrays) for layer in saved.layers}
    for layer in graph.layers:
        arrays = groups.get(layer.name, [])
        nested = None if layer.is_wrapper else layer.inner
        found.update(_parted(layer, nested, arrays, shapes) if nested else {id(layer): arrays})
    return found


def _from_store(graph: Graph, below: Groups, prefix: str) -> Iterator[tuple[int, list[SavedArray]]]:
    """Follows Keras 3: a group is named after the class, and numbered where a class comes again."""
    seen: Counter[str] = Counter()
    is_first = f"{prefix}{FIRST_PLACE}" in below
    place = f"{prefix}{FIRST_PLACE if is_first else PLACE}"
    for layer in graph.layers:
        kind = snake(layer.class_name)
        number = seen[kind]
        # The first Keras with stores went twice through the layers, and so left out every second number.
        path = f"{place}/{kind}" + (f"_{number}" if number else "")
        if is_first and path not in below:
            number = seen[kind] = number + 1
            path = f"{place}/{kind}_{number}"
        if path in below or not is_first:
            seen[kind] = number + 1
        if layer.inner and not layer.is_wrapper:
            yield from _from_store(layer.inner, below, f"{path}/")
        else:
            yield id(layer), below.get(path, [])


def _below(saved: Saved) -> Groups:
    """Returns, for each path in the store, the arrays of all groups below it."""
    below: Groups = {}
    for group in saved.layers:
        parts = group.name.split("/")[:MOST_PARTS]
        if not NOT_WEIGHTS & set(parts):
            for count in range(1, len(parts) + 1):
                below.setdefault("/".join(parts[:count]), []).extend(group.arrays)
    return below


def snake(class_name: str) -> str:
    """Returns the name that Keras 3 gives to the group of a class: Conv2D is conv2d, BatchNormalization batch_..."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", class_name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _parted(layer: Layer, inner: Graph, arrays: list[SavedArray], shapes: Shapes) -> Arrays:
    """Parts the arrays of a nested model, which old files keep in one row, by the layers' names in theirs."""
    leaves = {leaf.name: leaf for _, leaf in inner.walk() if not leaf.inner}
    found: Arrays = {}
    for array in arrays:
        name = _owner(array.name, leaves)
        if name is None:
            return _in_order(layer, inner, arrays, shapes)
        found.setdefault(id(leaves[name]), []).append(array)
    fits = all(_fits(shapes.built.get(key), values) for key, values in found.items())
    return found if fits else _in_order(layer, inner, arrays, shapes)


def _owner(path: str, leaves: dict[str, Layer]) -> str | None:
    *scopes, last = path.split("/")
    candidates = [*scopes[::-1], re.sub(r"_\w+(:\d+)?$", "", last)]
    for scope in (*candidates, *(re.sub(r"_\d+$", "", one) for one in candidates)):
        if scope in leaves:
            return scope
    return None


def _fits(built: Built | None, arrays: list[SavedArray]) -> bool:
    return built is None or [len(array.shape) for array in arrays] == [len(s) for s in (*built.trained, *built.kept)]


def _in_order(layer: Layer, inner: Graph, arrays: list[SavedArray], shapes: Shapes) -> Arrays:
    """Parts the arrays in Keras' own order: what is trained first, then what is not."""
    row = [*expected(inner, shapes, layer.trainable, True), *expected(inner, shapes, layer.trainable, False)]
    if [shape for _, shape in row] != [array.shape for array in arrays]:
        return {id(layer): arrays}
    found: Arrays = {}
    for (key, _), array in zip(row, arrays, strict=True):
        found.setdefault(key, []).append(array)
    return found


def expected(graph: Graph, shapes: Shapes, trainable: bool, trained: bool) -> Iterator[tuple[int, Shape]]:
    """Yields the shapes of a model's weights, with the layers' `id`, of those trained or of the others."""
    for layer in graph.layers:
        may_train = trainable and layer.trainable
        if layer.inner and not layer.is_wrapper:
            yield from expected(layer.inner, shapes, may_train, trained)
        elif built := shapes.built.get(id(layer)):
            if trained:
                weights = built.trained if may_train else ()
            else:
                weights = built.kept if may_train else (*built.trained, *built.kept)
            yield from ((id(layer), shape) for shape in weights)


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


def unsaved_weights(graph: Graph, shapes: Shapes, arrays: Arrays) -> int:
    """Returns how many weights Keras makes that the file need not hold: those of low-rank adaptations."""
    total = 0
    for _, layer in graph.walk():
        built, found = shapes.built.get(id(layer)), arrays.get(id(layer), ())
        rank = layer.fields.get("lora_rank")
        if built:
            total += sum(math.prod(side or 0 for side in shape) for shape in built.unsaved)
        elif isinstance(rank, int) and rank > 0 and found and found[0].shape:  # of a class whose weights can't be told
            total += sum(math.prod(side or 0 for side in shape) for shape in lora_matrices(found[0].shape, rank))
    return total


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
