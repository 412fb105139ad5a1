"""The layout of .weights.h5 since Keras 3 (and late 2): the arrays of a layer are 0, 1, 2 ... in its group `vars`."""

from typing import Any

import h5py

from kerasvgg.data.scan import natural
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.h5_file import array, text
from kerasvgg.modelfile.saved import Danger, SavedLayer

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
            layers.append(_layer(h5, name))
        except (ModelFileError, OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
            found.append(Danger("damage", name, str(error)))
    return layers


def _is_variables(name: str, item: Any) -> bool:
    return name.rpartition("/")[2] == VARIABLES and isinstance(item, h5py.Group) and len(item) > 0


def _layer(h5: Any, name: str) -> SavedLayer:
    numbers = sorted(h5[name], key=lambda key: (len(key), key))
    arrays = tuple(array(h5, f"{name}/{number}") for number in numbers)
    return SavedLayer(name.removesuffix(VARIABLES).rstrip("/"), arrays, text(h5[name], "name") or "")
