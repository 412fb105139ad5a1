"""What in a configuration of Keras' own layers can't be, so that Keras 3.15 would not build it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from kerasvgg.modelfile.allowed import LAYERS, MODELS, OPERATIONS
from kerasvgg.modelfile.config_dangers import is_of_kerasvgg, is_operation
from kerasvgg.modelfile.saved import Danger
from kerasvgg.modelfile.settings import faults
from kerasvgg.modelfile.wiring import wiring_faults

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
