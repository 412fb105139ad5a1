"""Classes that have moved or changed their names, and classes that Keras 3 does not have."""

from kerasvgg.modelfile.allowed import LAYERS, MODELS, OF_APPLICATIONS, OF_KERASVGG, OLD_LAYERS, RUNS_CODE
from kerasvgg.modelfile.config_dangers import is_of_kerasvgg, is_operation, plain_name
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


def mend(layer: Layer) -> list[str]:
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
    if layer.kind in OLD_LAYERS:  # another mend knows what to make of it
        return []
    layer.node.update(module=home, registered_name=layer.kind if layer.kind == "Functional" else None)
    return [f"{layer.kind} is found in {home}, not in {module:.80}"]
