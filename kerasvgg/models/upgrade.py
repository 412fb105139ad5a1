"""Old model files made into what plain Keras 3 opens."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.files.atomic import replacing
from kerasvgg.modelfile.open.load import load
from kerasvgg.modelfile.open.open import read_checked_description
from kerasvgg.modelfile.safety.allowed import OF_KERASVGG
from kerasvgg.models.save import save_model, without_warnings


def compile_as_saved(model: Any, training: dict[str, Any]) -> None:
    """Compiles with the saved optimizer, its learning rate, the loss and the metrics.

    `training` is what `upgrade` returns: functions by their names, classes of Keras with their settings.
    """
    import keras

    metrics = {name: training.get(name) for name in ("metrics", "weighted_metrics")}
    model.compile(
        optimizer=keras.optimizers.deserialize(dict(training["optimizer_config"])),
        loss=_made(keras.losses.deserialize, training["loss"]),
        **{name: found and [_made(keras.metrics.deserialize, one) for one in found] for name, found in metrics.items()},
    )
    model.optimizer.build(model.trainable_variables)  # or Keras, opening the new file, warns that it misses them


def _made(deserialize: Any, said: Any) -> Any:
    """Returns a name as it is, because Keras saves it so again."""
    return deserialize(said) if isinstance(said, dict) else said


SUFFIXES = (".keras", ".h5")
OPEN_SIDE = 64  # pixels, where a model takes pictures of any size
MOST_DIFFERENCE = 1e-5


@dataclass(frozen=True)
class Upgraded:
    """What was changed, a line each, and what plain Keras makes of the new file.

    `difference` is the largest between the numbers that the model and the new file give for a picture, or between their
    weights where this processor can't compute them (channels first).
    `optimizer` is the name of its class, "" where the new file is not compiled. `needs` are the modules that have to be
    imported before Keras opens the file.
    """

    changes: tuple[str, ...]
    difference: float
    optimizer: str
    learning_rate: float | None
    needs: tuple[str, ...] = ()


def upgrade_file(old: Path, new: Path, architecture: str | None = None, force: bool = False) -> Upgraded:
    """Writes the model in `old` as .keras or .h5, by the suffix of `new`, once plain Keras has opened it.

    `architecture` says of which model weights alone are: the name of a base, or another model file, or a .json of one.
    Raises ConfigError for a `new` that is there without `force`, ModelFileError for what can't be upgraded.
    """
    if new.suffix not in SUFFIXES:
        raise ConfigError(f"`{new}` must end in {' or '.join(SUFFIXES)}, received {new.suffix!r}")
    if new.exists() and not force:
        raise ConfigError(f"`{new}` must not be there yet, or `--force` be given, received an existing file")
    loaded = load(old, architecture)
    description = read_checked_description(old, loaded)
    if loaded.upgrade.training:
        compile_as_saved(loaded.model, loaded.upgrade.training)
    with replacing(new) as temporary:
        save_model(loaded.model, temporary, description)
        difference, optimizer, rate = _compared(loaded.model, temporary, new)
    changes = (*loaded.upgrade.changes, *loaded.upgrade.training_changes)
    own = {type(layer).__name__ for layer in loaded.model._flatten_layers()}
    needs = tuple(module for layer, module in OF_KERASVGG.items() if layer in own)
    return Upgraded(changes, difference, optimizer, rate, needs)


def _compared(model: Any, path: Path, new: Path) -> tuple[float, str, float | None]:
    """Opens the file with plain Keras and raises ModelFileError unless it is the same model."""
    import keras

    try:
        with without_warnings():
            again = keras.models.load_model(path)
            difference = _difference(model, again)
    except Exception as error:  # whatever Keras finds wrong
        text = str(error).splitlines()[0]
        raise ModelFileError(f"`{new}` was not written: plain Keras would not open it: {text}") from error
    if not difference <= MOST_DIFFERENCE or _training(again) != _training(model):
        text = f"its numbers differ by {difference:g}, and {_training(model)} became {_training(again)}"
        raise ModelFileError(f"`{new}` was not written: opened by plain Keras, {text}")
    return difference, *_training(again)


def _training(model: Any) -> tuple[str, float | None]:
    optimizer = getattr(model, "optimizer", None)
    return ("", None) if optimizer is None else (type(optimizer).__name__, float(optimizer.learning_rate))


def _difference(model: Any, again: Any) -> float:
    """Returns the largest difference of the outputs or, where this processor can't compute them, of the weights.

    Channels first needs oneDNN's kernels, which TensorFlow has not on every processor.
    """
    import keras
    import tensorflow as tf

    draw = np.random.default_rng(0)
    inputs = [draw.uniform(0, 1, _shape(one)).astype(np.float32) for one in model.inputs]
    try:
        outputs = [keras.tree.flatten(one(inputs[0] if len(inputs) == 1 else inputs)) for one in (model, again)]
    except tf.errors.UnimplementedError:
        outputs = [one.weights for one in (model, again)]
    pairs = zip(*outputs, strict=True)
    return max((float(np.abs(np.asarray(left) - np.asarray(right)).max()) for left, right in pairs), default=0.0)


def _shape(tensor: Any) -> tuple[int, ...]:
    return (1, *(side or OPEN_SIDE for side in tensor.shape[1:]))
