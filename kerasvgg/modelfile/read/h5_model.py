"""Models and stores of weights in HDF5, as Keras 1 to 3 write them."""

from typing import Any

import h5py

from kerasvgg.data.folder.scan import natural
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.h5_file import array, names, text
from kerasvgg.modelfile.read.saved import DATASET, Danger, Saved, SavedLayer, tree

WEIGHTS = "model_weights"  # the group in a whole model; a file of weights alone has the same at its root
TOP = "top_level_model_weights"  # of the model itself, not of a layer


def is_legacy(h5: Any) -> bool:
    """Tells whether the layout is the old one."""
    group = h5.get(WEIGHTS, h5) if "model_config" in h5.attrs else h5
    return "model_config" in h5.attrs or any(name in group.attrs for name in ("layer_names", "layer_names0"))


def read_legacy(h5: Any, dangers: list[Danger]) -> Saved:
    """Returns a whole model, or weights alone; arrays are left out where the file has links."""
    found = list(dangers)
    config, training = (_tree(h5, name, found) for name in ("model_config", "training_config"))
    group = h5.get(WEIGHTS) if config is not None else h5
    is_linked = any(danger.kind == "link" for danger in dangers)
    layers = [] if is_linked or group is None else _layers(h5, group, found)
    about = group if group is not None and "keras_version" in group.attrs else h5
    return Saved(
        container="h5" if config is not None else "h5 weights",
        keras_version=text(about, "keras_version") or "",
        backend=text(about, "backend") or "",
        config=config,
        training=training,
        layers=tuple(layers),
        description=None if is_linked else _description(h5),
        dangers=tuple(found),
    )


def _tree(h5: Any, name: str, found: list[Danger]) -> dict[str, Any] | None:
    said = text(h5, name)
    if said is None:
        return None
    value = tree(said, name, found)
    return {} if value is None and name == "model_config" else value


def _layers(h5: Any, group: Any, found: list[Danger]) -> list[SavedLayer]:
    layers = []
    for name in [*names(group, "layer_names"), *([TOP] if _has_top(group) else [])]:
        try:
            layers.append(_layer(group, name))
        except (ModelFileError, OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            found.append(Danger("damage", name, str(error)))
    return layers


def _layer(group: Any, name: str) -> SavedLayer:
    layer = group[name]
    if not isinstance(layer, h5py.Group):
        raise ModelFileError(f"is damaged: `{layer.name}` must be a group")
    prefix = "" if layer.name == "/" else f"{layer.name}/"
    arrays = (array(layer.file, f"{prefix}{one}") for one in names(layer, "weight_names"))
    return SavedLayer(name, tuple(arrays))


def _has_top(group: Any) -> bool:
    return TOP in group and bool(names(group[TOP], "weight_names"))


def _description(h5: Any) -> str | None:
    if DATASET not in h5:
        return None
    value = h5[DATASET]
    if getattr(value, "shape", None) != ():
        return ""
    value = value[()]
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


VARIABLES = "vars"


def is_store(h5: Any) -> bool:
    """Tells whether the layout is that of a store; an empty file is not."""
    return any(name in h5 for name in ("layers", "_layer_checkpoint_dependencies", VARIABLES))


def read_store(h5: Any, found: list[Danger]) -> list[SavedLayer]:
    """Returns the groups that have arrays, in the order of their numbers; what can't be read is added to `found`."""
    if any(danger.kind in ("link", "damage") for danger in found):
        return []
    groups: list[str] = []
    h5.visititems(lambda name, item: groups.append(name) if _is_variables(name, item) else None)
    layers = []
    for name in sorted(groups, key=natural):
        try:
            layers.append(_stored_layer(h5, name))
        except (ModelFileError, OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            found.append(Danger("damage", name, str(error)))
    return layers


def _is_variables(name: str, item: Any) -> bool:
    return name.rpartition("/")[2] == VARIABLES and isinstance(item, h5py.Group) and len(item) > 0


def _stored_layer(h5: Any, name: str) -> SavedLayer:
    numbers = sorted(h5[name], key=lambda key: (len(key), key))
    arrays = tuple(array(h5, f"{name}/{number}") for number in numbers)
    return SavedLayer(name.removesuffix(VARIABLES).rstrip("/"), arrays, text(h5[name], "name") or "")
