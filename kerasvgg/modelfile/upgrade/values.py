"""Settings whose values were written in a way that Keras 3 does not read."""

from typing import Any

from kerasvgg.modelfile.upgrade.layer import Layer

OLD_POLICIES = ("Policy", "PolicyV1")


def mend(layer: Layer) -> list[str]:
    """Writes numbers as numbers, precision policies by their names, initializers without a type of number."""
    changes = _axis(layer)
    for name, value in list(layer.settings.items()):
        if isinstance(value, dict) and (found := _plain(value)) is not None:
            layer.settings[name] = found[0]
            changes.append(f"`{name:.40}` {found[1]}")
    return changes


def _axis(layer: Layer) -> list[str]:
    axis = layer.settings.get("axis")
    # In a node without a module Keras does the same itself.
    if layer.kind != "BatchNormalization" or not layer.is_modern or not isinstance(axis, list) or len(axis) != 1:
        return []
    layer.settings["axis"] = axis[0]
    return ["`axis` is a number, not a list of one"]


def _plain(value: dict[str, Any]) -> tuple[Any, str] | None:
    kind, inner = value.get("class_name"), value.get("config")
    if not isinstance(kind, str) or not isinstance(inner, dict):
        return None
    if kind == "__numpy__" and isinstance(inner.get("value"), int | float):
        return inner["value"], "is a plain number"
    if kind in OLD_POLICIES and isinstance(inner.get("name"), str):
        return inner["name"], f"is written {inner['name']:.40}"
    if "dtype" in inner and not kind.startswith(("__", "DTypePolicy")) and "module" not in value:
        return value | {"config": {key: one for key, one in inner.items() if key != "dtype"}}, "says no type of number"
    return None
