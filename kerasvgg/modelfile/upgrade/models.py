"""Models in a configuration: lists of layers, inputs, and how layers are connected."""

from typing import Any

from kerasvgg.modelfile.safety.allowed import MODELS
from kerasvgg.modelfile.upgrade.layer import Layer, who


def migrate_list(layer: Layer) -> list[str]:
    """Makes the list a dictionary with a name."""
    found = layer.node.get("config")
    if layer.kind != "Sequential" or not isinstance(found, list):
        return []
    layer.node["config"] = {"name": _name(layer), "layers": found}
    return ["the list of its layers becomes a configuration with a name"]


def _name(layer: Layer) -> str:
    """Returns the name that a functional model around it calls it by, else one that no neighbour has."""
    known = layer.node.get("name")
    if isinstance(known, str):
        return known
    return f"sequential_{layer.place}" if layer.parent else "sequential"


def is_layer(node: Any, kind: str) -> bool:
    """Tells whether a part of a configuration is a layer of this class."""
    return isinstance(node, dict) and node.get("class_name") == kind


SHAPE = "batch_input_shape"


def migrate_input(layer: Layer) -> list[str]:
    """Puts an InputLayer first where a first layer has `batch_input_shape`."""
    if layer.kind != "Sequential" or not layer.layers:
        return []
    first = Layer(layer.layers[0], layer.keras)
    shape = first.settings.get(SHAPE)
    if first.kind == "InputLayer" or not isinstance(shape, list):
        return []
    del first.settings[SHAPE]
    layer.settings["layers"].insert(0, _input_layer(first, shape))
    return [f"an InputLayer says what its first layer takes, {shape}"[:200]]


def _input_layer(first: Layer, shape: list[Any]) -> dict[str, Any]:
    dtype = first.settings.get("input_dtype") or first.settings.get("dtype")
    settings = {"batch_shape": shape, "dtype": dtype if isinstance(dtype, str) else "float32"}
    node = {"class_name": "InputLayer", "config": settings | {"name": f"{first.name}_input"}}
    return node | ({"module": "keras.layers", "registered_name": None} if first.is_modern else {})


ENDS = ("input_layers", "output_layers")


def migrate_connections(layer: Layer) -> list[str]:
    """Wires a functional model the way Keras 3 reads it."""
    return _unlist(layer) + _count(layer)


def _unlist(layer: Layer) -> list[str]:
    """In a Sequential, a model whose output is a list of one would hand that list to the next layer."""
    if layer.parent is None or layer.parent.kind != "Sequential":
        return []
    changed = [end for end in ENDS if _is_list_of_one(layer.settings.get(end))]
    for end in changed:
        layer.settings[end] = layer.settings[end][0]
    return ["gives its output alone, not a list of one"] if "output_layers" in changed else []


def _is_list_of_one(ends: Any) -> bool:
    return isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list)


def _count(layer: Layer) -> list[str]:
    """Keras 2 counted a nested model's calls from 1, because the model as such was call 0; Keras 3 does not."""
    inside = [Layer(node, layer.keras) for node in layer.layers] if layer.kind in ("Functional", "Model") else []
    calls = {one.name: len(one.nodes) for one in inside if one.kind in MODELS}
    if not calls:
        return []
    references = [ref for one in inside for ref in _references(one.nodes)]
    ends = layer.settings.get("output_layers")
    outputs = [ref for ref in ends if _is_reference(ref)] if isinstance(ends, list) else []
    # Keras 3 still takes a functional model's own outputs as counted from 1.
    sequential = {one.name for one in inside if one.kind == "Sequential"}
    references += [ref for ref in (*outputs, ends) if _is_reference(ref) and ref[0] in sequential]
    old = {ref[0] for ref in references if ref[0] in calls and ref[1] >= calls[ref[0]]}
    for ref in references:
        if ref[0] in old:
            ref[1] = max(ref[1] - 1, 0)
    return [f"the calls of {who(sorted(old))} are counted from 0"] if old else []


def _references(item: list[Any]) -> list[list[Any]]:
    """Returns what names the output of another layer, [name, call, output, ...], however deep in the lists."""
    found, stack = [], [item]
    while stack:
        one = stack.pop()
        if _is_reference(one):
            found.append(one)
        if isinstance(one, list | dict):
            stack += one.values() if isinstance(one, dict) else one
    return found


def _is_reference(item: Any) -> bool:
    return isinstance(item, list) and len(item) in (3, 4) and isinstance(item[0], str) and type(item[1]) is int


KEEP = ("Activation", "Dropout", "ReLU", "RandomFlip", "RandomRotation", "RandomZoom", "Rescaling", "TFOpLambda")
MOST_STEPS = 100


def channels_of(layer: Layer, name: str) -> int | None:
    """Returns the number of channels of the layer of this name beside `layer`; None where it can't be told."""
    beside = layer.parent.by_name if layer.parent else {}
    for _ in range(MOST_STEPS):
        before = beside.get(name)
        if before is None:
            return None
        if before.kind in ("Conv2D", "SeparableConv2D"):
            return _channel_count(before.settings.get("filters"))
        if before.kind == "InputLayer":
            shape = before.settings.get("batch_input_shape") or before.settings.get("batch_shape")
            return _channel_count(shape[-1]) if isinstance(shape, list) and len(shape) == 4 else None
        if before.kind not in KEEP or (above := _only_input(before.nodes)) is None:
            return None
        name = above
    return None


def _channel_count(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _only_input(nodes: list[Any]) -> str | None:
    head = nodes[0] if len(nodes) == 1 else None
    if isinstance(head, list) and len(head) == 1:
        head = head[0]
    return head[0] if isinstance(head, list) and head and isinstance(head[0], str) else None
