"""Old configurations as what Keras 3.15 builds, by patching data; nothing is built, nothing run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.saved import Danger, Saved
from kerasvgg.modelfile.safety.dangers import model_dangers
from kerasvgg.modelfile.upgrade.arguments import migrate_arguments
from kerasvgg.modelfile.upgrade.classes import migrate_class, migrate_values, refuse_other_meanings
from kerasvgg.modelfile.upgrade.keras1 import migrate_keras1
from kerasvgg.modelfile.upgrade.layer import Layer, Notes, ObstacleError, copied
from kerasvgg.modelfile.upgrade.models import migrate_connections, migrate_input, migrate_list
from kerasvgg.modelfile.upgrade.operations import migrate_operation
from kerasvgg.modelfile.upgrade.training import training_of

# In this order, outer layers before the layers inside them. Each changes the layer and returns what it changed.
MIGRATIONS: tuple[Callable[[Layer], list[str]], ...] = (
    migrate_class,
    migrate_list,
    migrate_keras1,
    migrate_operation,
    migrate_input,
    migrate_connections,
    migrate_values,
    migrate_arguments,
    refuse_other_meanings,
)


@dataclass(frozen=True)
class Upgrade:
    """What to build instead of what is saved.

    `changes` name the layers and what was changed, none where plain Keras 3.15 opens the file as it is; `obstacles`
    are why it can't be upgraded. `training` has the shape that .h5 files have, None where none of it can be kept;
    `training_changes` are about it alone.
    """

    config: dict[str, Any]
    training: dict[str, Any] | None
    changes: tuple[str, ...]
    obstacles: tuple[str, ...]
    training_changes: tuple[str, ...] = ()


def upgrade(saved: Saved) -> Upgrade:
    """Returns a configuration that Keras 3.15 builds. Raises ModelFileError for one that is no configuration."""
    if saved.config is None:
        return Upgrade({}, None, (), (_weights_alone(saved),))
    config = copied(saved.config)
    notes = Notes()
    try:
        _migrate_all(config, major(saved.keras_version), notes)
        notes.change("all convolutions", _turned(saved))
        training, changes = training_of(copied(saved.training or {}))
    except (TypeError, ValueError, LookupError, AttributeError, OverflowError) as error:
        raise ModelFileError(f"has a damaged configuration: {type(error).__name__}: {error}"[:300]) from error
    return Upgrade(config, training, notes.changes(), notes.obstacles(), tuple(changes))


def harmless_upgrade(saved: Saved) -> Upgrade:
    """Returns a configuration that Keras 3.15 builds. Raises ModelFileError for one that must not be opened.

    Damage elsewhere in the file is none of its concern: a configuration may be wanted for weights from another.
    """
    _refuse([danger for danger in saved.dangers if danger.kind != "damage"])
    _refuse(model_dangers(saved.config or {}, saved.training))
    upgraded = upgrade(saved)
    if upgraded.obstacles:
        raise ModelFileError(f"can't be upgraded: {'; '.join(upgraded.obstacles)}")
    _refuse(model_dangers(upgraded.config, upgraded.training))
    return upgraded


def _refuse(dangers: Sequence[Danger]) -> None:
    for danger in dangers:
        raise ModelFileError(f"must not be opened: {': '.join(filter(None, (danger.where, danger.text)))}")


def major(version: str) -> int:
    """Returns the first number of a version; 0 where there is none."""
    first = version.partition(".")[0]
    return int(first) if first.isdecimal() and len(first) < 4 else 0


def _migrate_all(config: dict[str, Any], keras: int, notes: Notes) -> None:
    stack = [Layer(config, keras)]
    while stack:
        layer = stack.pop()
        try:
            for migrate in MIGRATIONS:
                notes.change(layer.name, migrate(layer))
        except ObstacleError as error:
            notes.obstacle(layer.name, str(error))
        stack += [Layer(node, keras, layer, place) for place, node in reversed(list(enumerate(layer.layers)))]


def _turned(saved: Saved) -> list[str]:
    kernels = [array for layer in saved.layers for array in layer.arrays if len(array.shape) == 4]
    if saved.backend != "theano" or not kernels:
        return []
    return ["Theano used kernels turned by half a turn, which Keras 3 would not turn back"]


def _weights_alone(saved: Saved) -> str:
    if saved.container == "mat":
        return "it is a MatConvNet file, not one of Keras"
    return "it holds weights alone: `--architecture` must say of which model"
