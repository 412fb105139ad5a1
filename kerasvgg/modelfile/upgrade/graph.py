"""How functional models are wired: nested models that Keras 2 counted otherwise than Keras 3 does."""

from typing import Any

from kerasvgg.modelfile.allowed import MODELS
from kerasvgg.modelfile.upgrade.layer import Layer
from kerasvgg.modelfile.upgrade.notes import who

ENDS = ("input_layers", "output_layers")


def mend(layer: Layer) -> list[str]:
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
