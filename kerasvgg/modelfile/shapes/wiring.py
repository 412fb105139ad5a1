"""Whether the layers of a functional model can be called one after another, as Keras 3.15 does it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kerasvgg.modelfile.safety.allowed import LAYERS, MODELS, OPERATIONS
from kerasvgg.modelfile.shapes.settings import faults

Reference = tuple[str, int, int]  # a layer, which of its calls, which of its outputs


def wiring_faults(settings: Mapping[str, Any], layers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yields what is wrong with the references between layers, of which each has a name of its own."""
    calls: dict[str, list[list[Reference]]] = {}
    for layer in layers:
        nodes = layer.get("inbound_nodes")
        if not isinstance(nodes, list):
            yield f"{layer['name']}: `inbound_nodes` must be a list, received {nodes!r:.60}"
            return
        read = [_references(node) for node in nodes]
        if (
            not all(read)
            or not all(_takes(layer, node) for node in nodes)
            or (nodes and layer.get("class_name") == "InputLayer")
        ):
            yield f"{layer['name']}: what it takes can't be read, {nodes!r:.60}"
            return
        calls[layer["name"]] = [call for call in read if call]
    yield from _unknown(calls)
    done = {layer["name"]: int(layer.get("class_name") == "InputLayer") for layer in layers}
    yield from _never_called(calls, done)
    for end in ("input_layers", "output_layers"):
        yield from _of_end(end, settings.get(end), done)
    yield from _unused(calls, settings.get("output_layers"))


def _takes(layer: Mapping[str, Any], node: Any) -> bool:
    """Tells whether what stands before the named arguments is what other layers give; operations take numbers too."""
    is_layer = layer.get("class_name") in LAYERS | MODELS and layer.get("module") not in OPERATIONS
    return not is_layer or not isinstance(node, dict) or _are_tensors(node["args"])


def _are_tensors(item: Any) -> bool:
    return all(map(_are_tensors, item)) if isinstance(item, list) else item is None or isinstance(item, dict)


def _unknown(calls: Mapping[str, Sequence[Sequence[Reference]]]) -> Iterator[str]:
    for name, listed in calls.items():
        for source, *_ in (reference for call in listed for reference in call):
            if source not in calls:
                yield f"{name}: takes what {source!r:.60} gives, which is not there"


def _never_called(calls: Mapping[str, Sequence[Sequence[Reference]]], done: dict[str, int]) -> Iterator[str]:
    """Follows Keras: calls are made in turn as soon as what they take was made; counts them in `done`."""
    waiting = {name: list(listed) for name, listed in calls.items() if listed}
    moved = True
    while waiting and moved:
        moved = False
        for name in list(waiting):
            left = waiting[name]
            while left and all(source in done and number < done[source] for source, number, _ in left[0]):
                left.pop(0)
                done[name] += 1
                moved = True
            if not left:
                del waiting[name]
    for name in list(waiting)[:3]:
        yield f"{name}: takes what is never made, or what it makes itself"


def _unused(calls: Mapping[str, Sequence[Sequence[Reference]]], outputs: Any) -> Iterator[str]:
    """Keras leaves such layers out, and then finds the weights of others in their place."""
    wanted = [leaf[0] for leaf in _leaves(outputs) if leaf]
    used: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name not in used:
            used.add(name)
            wanted += [source for call in calls.get(name, ()) for source, *_ in call]
    for name in [name for name in calls if name not in used][:3]:
        yield f"{name}: no output of the model comes from it"


def _of_end(end: str, value: Any, done: Mapping[str, int]) -> Iterator[str]:
    found = list(_leaves(value))
    if not found or None in found:
        yield f"`{end}` must name layers, received {value!r:.60}"
        return
    for name, number, place in (one for one in found if one is not None):
        # Models are counted from 1 here, and from 0 elsewhere.
        if number > done.get(name, -1) or (done[name] == 0) or place < 0 or number < 0:
            yield f"`{end}` names an output that is not there, {name!r:.60}"


def _leaves(value: Any) -> Iterator[Reference | None]:
    if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
        yield _reference(value)
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _leaves(one)
    else:
        yield None


def _references(node: Any) -> list[Reference] | None:
    """Returns what one call takes; None where that can't be read."""
    if isinstance(node, list):
        found = [_of_list(one) for one in node]
        return None if None in found else [one for one in found if one is not None]
    if not isinstance(node, dict) or not isinstance(node.get("args"), list) or not isinstance(node.get("kwargs"), dict):
        return None
    return _of_tensors([node["args"], node["kwargs"]])


def _of_list(item: Any) -> Reference | None:
    """Reads [layer, call, output], with arguments of the call behind it perhaps."""
    if not isinstance(item, list) or len(item) not in (3, 4) or (len(item) == 4 and not isinstance(item[3], dict)):
        return None
    return _reference(item[:3])


def _of_tensors(stack: list[Any]) -> list[Reference] | None:
    found = []
    while stack:
        item = stack.pop()
        if isinstance(item, dict) and item.get("class_name") == "__keras_tensor__":
            reference = _of_tensor(item.get("config"))
            if reference is None:
                return None
            found.append(reference)
        elif isinstance(item, dict | list):
            stack += item.values() if isinstance(item, dict) else item
    return found


def _of_tensor(settings: Any) -> Reference | None:
    if not isinstance(settings, dict) or faults(
        "", {"batch_shape": settings.get("shape"), "dtype": settings.get("dtype")}
    ):
        return None
    return _reference(settings.get("keras_history"))


def _reference(item: Any) -> Reference | None:
    if not isinstance(item, list) or len(item) != 3 or not isinstance(item[0], str):
        return None
    return (item[0], item[1], item[2]) if all(type(number) is int and number >= 0 for number in item[1:]) else None
