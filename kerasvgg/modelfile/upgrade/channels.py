"""How many channels come out of a layer, where a plain chain of layers tells."""

from typing import Any

from kerasvgg.modelfile.upgrade.layer import Layer

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
            return _count(before.settings.get("filters"))
        if before.kind == "InputLayer":
            shape = before.settings.get("batch_input_shape") or before.settings.get("batch_shape")
            return _count(shape[-1]) if isinstance(shape, list) and len(shape) == 4 else None
        if before.kind not in KEEP or (above := _only_input(before.nodes)) is None:
            return None
        name = above
    return None


def _count(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _only_input(nodes: list[Any]) -> str | None:
    head = nodes[0] if len(nodes) == 1 else None
    if isinstance(head, list) and len(head) == 1:
        head = head[0]
    return head[0] if isinstance(head, list) and head and isinstance(head[0], str) else None
