"""Classes, functions and values that are called otherwise in Keras 3, or mean something else."""

from typing import Any

from kerasvgg.modelfile.safety.allowed import (
    FUNCTIONS,
    LAYERS,
    MODELS,
    OF_APPLICATIONS,
    OF_KERASVGG,
    OLD_LAYERS,
    RUNS_CODE,
)
from kerasvgg.modelfile.safety.dangers import is_of_kerasvgg, is_operation, plain_name
from kerasvgg.modelfile.upgrade.layer import Layer, ObstacleError

RENAMED = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "GRUV2": "GRU",
    "LSTMV2": "LSTM",
}
HOMES = {"Functional": "keras.src.models.functional", "Model": "keras.models", "Sequential": "keras"}
OLD_HOMES = ("keras.engine", "keras.src.engine", "keras.layers.", "keras.src.layers", "tensorflow.", "keras.models")


def migrate_class(layer: Layer) -> list[str]:
    """Gives the class the name and the module of Keras 3."""
    if layer.kind in RUNS_CODE:
        raise ObstacleError(f"{layer.kind} can't be kept: {RUNS_CODE[layer.kind]}")
    if is_operation(layer.node):
        return []
    if is_of_kerasvgg(layer.node):
        name = layer.kind.removeprefix("kerasvgg>")
        layer.node.update(class_name=name, module=OF_KERASVGG[name], registered_name=f"kerasvgg>{name}")
        return []
    changes = []
    kind = RENAMED.get(plain_name(layer.kind), plain_name(layer.kind))
    found_by_module = OF_APPLICATIONS if layer.node.get("module") else frozenset()  # .h5 files name none
    if kind not in LAYERS | MODELS | OLD_LAYERS | found_by_module:
        raise ObstacleError(f"{layer.kind or 'a layer without a class'!s:.80} is not a class of Keras 3")
    if kind != layer.kind:
        changes.append(f"{layer.kind} becomes {kind}")
        layer.node["class_name"] = kind
    return changes + _move(layer)


def _move(layer: Layer) -> list[str]:
    module = layer.node.get("module")
    home = HOMES.get(layer.kind, "keras.layers")
    if layer.keras >= 3 or not isinstance(module, str) or module == home or not module.startswith(OLD_HOMES):
        return []
    if layer.kind in OLD_LAYERS:  # another migration knows what to make of it
        return []
    layer.node.update(module=home, registered_name=layer.kind if layer.kind == "Functional" else None)
    return [f"{layer.kind} is found in {home}, not in {module:.80}"]


FIELDS = ("activation", "recurrent_activation")
OTHER_MEANING = {"hard_sigmoid": "clips x / 6 + 0.5 in Keras 3, and 0.2 x + 0.5 before"}


def refuse_other_meanings(layer: Layer) -> list[str]:
    """Changes nothing. Raises ObstacleError for an activation that would give other numbers, or none."""
    for field in FIELDS:
        name = _function(layer.settings.get(field))
        if name is None:
            continue
        if name not in FUNCTIONS:
            raise ObstacleError(f"`{field}` {name!r:.60} is not a function of Keras 3")
        if name in OTHER_MEANING and layer.keras < 3:
            raise ObstacleError(f"`{field}` {name} {OTHER_MEANING[name]}")
    return []


def _function(value: Any) -> str | None:
    if isinstance(value, dict) and value.get("class_name") == "function":
        value = value.get("config")
    return value if isinstance(value, str) else None


OLD_POLICIES = ("Policy", "PolicyV1")


def migrate_values(layer: Layer) -> list[str]:
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
