"""What is wrong with a configuration, or with the arrays that go with it, so that Keras would not open it."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from kerasvgg.modelfile.read.h5_model import TOP, VARIABLES
from kerasvgg.modelfile.read.saved import Danger, Saved, SavedLayer
from kerasvgg.modelfile.safety.allowed import LAYERS, MODELS, OPERATIONS
from kerasvgg.modelfile.safety.dangers import is_of_kerasvgg, is_operation
from kerasvgg.modelfile.shapes.assign import FIRST_PLACE, NOT_WEIGHTS, PLACE, Arrays, expected
from kerasvgg.modelfile.shapes.fields import Shape
from kerasvgg.modelfile.shapes.graph import Graph
from kerasvgg.modelfile.shapes.settings import faults
from kerasvgg.modelfile.shapes.shapes import Shapes
from kerasvgg.modelfile.shapes.wiring import wiring_faults
from kerasvgg.modelfile.upgrade.patch import major

MOST = 20  # faults that are told
NAMELESS = "a layer"
WRAPPED = ("layer", "forward_layer", "backward_layer", "cell")


def config_damage(config: dict[str, Any]) -> list[Danger]:
    """Returns the faults of a configuration that is already one of Keras 3, the outer ones first."""
    found: list[Danger] = []
    stack: list[tuple[Any, str]] = [(config, "")]
    while stack and len(found) < MOST:
        node, path = stack.pop()
        texts = list(_of_node(node))
        name = _name(node) if path else "the model"
        found += [Danger("damage", f"{path}{name}", text) for text in texts]
        if not texts or isinstance(node, dict):
            below = f"{path}{name}/" if path else "/"
            stack += [(one, below) for one in reversed(_inside(node))]
    return [Danger(one.kind, one.where.removeprefix("/"), one.text) for one in found[:MOST]]


def _name(node: Any) -> str:
    settings = node.get("config") if isinstance(node, dict) else None
    name = settings.get("name") if isinstance(settings, dict) else None
    return name if isinstance(name, str) else NAMELESS


def _inside(node: Any) -> list[Any]:
    settings = node.get("config") if isinstance(node, dict) else None
    if not isinstance(settings, dict):
        return []
    listed = settings.get("layers") if node.get("class_name") in MODELS else None
    return listed if isinstance(listed, list) else [settings[key] for key in WRAPPED if settings.get(key) is not None]


def _of_node(node: Any) -> Iterator[str]:
    if not isinstance(node, dict) or not isinstance(node.get("class_name"), str):
        yield f"a layer must be an object with a class, received {node!r:.60}"
        return
    settings = node.get("config")
    if not isinstance(settings, dict):
        yield f"`config` must be an object, received {settings!r:.60}"
        return
    if is_operation(node):
        return
    yield from faults(node["class_name"], settings)
    yield from _of_place(node["class_name"], node)
    build = node.get("build_config")
    if node["class_name"] not in MODELS and not _is_built(build):
        yield f"`build_config` must say the shape of what it takes, received {build!r:.60}"
    if node["class_name"] in MODELS:
        yield from _of_model(node["class_name"], settings)


def _of_place(class_name: str, node: dict[str, Any]) -> Iterator[str]:
    """Looks at where Keras 3 would look for the class; older files do not say it."""
    if is_of_kerasvgg(node):
        return
    module = node.get("module", "keras.layers")
    is_layer = class_name in LAYERS and module not in OPERATIONS
    if not isinstance(module, str) or (is_layer and not module.startswith(("keras.layers", "keras.src.layers"))):
        yield f"`module` must be where {class_name:.60} is, received {module!r:.60}"
    if node.get("registered_name") not in (None, class_name, f"Keras>{class_name}", f"keras>{class_name}"):
        yield f"`registered_name` must be {class_name:.60}, received {node['registered_name']!r:.60}"


def _is_built(build: Any) -> bool:
    if not isinstance(build, dict) or "input_shape" not in build:
        return not build or (isinstance(build, dict) and "shapes_dict" in build)
    shape = build["input_shape"]
    shapes = shape if isinstance(shape, list) and shape and all(isinstance(one, list) for one in shape) else [shape]
    return not any(faults("", {"batch_shape": one}) for one in shapes)


def _of_model(class_name: str, settings: dict[str, Any]) -> Iterator[str]:
    listed = settings.get("layers")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        yield f"`layers` must be a list of layers, received {listed!r:.60}"
        return
    is_chain = class_name == "Sequential"
    if is_chain and "name" not in settings:
        yield "a Sequential must have a `name`"
    names = [] if is_chain else [one.get("name") for one in listed]
    if not all(isinstance(name, str) for name in names):
        yield "each layer of a functional model must have a `name`"
        return
    twice = [*_twice(names), *_twice([_name(one) for one in listed if _name(one) != NAMELESS])]
    yield from (f"several layers are called {name!r:.60}" for name in twice[:1])
    if not is_chain and not twice:
        yield from wiring_faults(settings, listed)


def _twice(names: list[Any]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


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
