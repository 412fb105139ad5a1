"""Training in phases, each with its own layers, on one history."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kerasvgg.data.augment import Augmentation
from kerasvgg.data.pictures import Pictures
from kerasvgg.data.pipeline import ordered_batches, steps_per_epoch, training_batches
from kerasvgg.errors import ConfigError
from kerasvgg.features import features
from kerasvgg.models.transfer import cut, train_only
from kerasvgg.progress import say
from kerasvgg.recipes.callbacks import batch_bar, recording
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.record import Record, say_epoch

OPTIMIZERS = {"rmsprop": "RMSprop", "adam": "Adam", "sgd": "SGD"}


def train_phases(
    model: Any,
    phases: Sequence[Phase],
    train: Pictures,
    validation: Pictures,
    *,
    batch_size: int = 32,
    seed: int = 0,
    augmentation: Augmentation | None = None,
    keep: str = "best",
    feature_folder: Path | None = None,
    reading: str = "",
    at_epoch_end: Callable[[Record], None] = say_epoch,
) -> Record:
    """Trains the model in place and returns the record of all epochs.

    Without augmentation the frozen layers see each picture once, and only what comes after them is trained; this
    changes no number but the rounding. `keep="best"` starts each later phase from the best epoch by validation and
    ends with it, `keep="last"` goes on from the last one.
    """
    record = Record(model, epochs=sum(phase.epochs for phase in phases))
    for phase in phases:
        train_only(model, phase.layers)
        trunk, part = cut(model) if augmentation is None else (None, model)
        sets: list[Pictures] = [train, validation]
        if trunk is not None:
            sets = [features(trunk, pictures, feature_folder, reading) for pictures in sets]
        compile_classifier(part, phase)
        first = len(record.rows)
        batches = training_batches(
            sets[0], batch_size, phase.steps_per_epoch, seed=seed, first_epoch=first, augmentation=augmentation
        )
        steps = steps_per_epoch(train, batch_size, phase.steps_per_epoch)
        say(f"training {phase.name} layers: {phase.epochs} epochs of {steps} batches")
        part.fit(
            batches,
            steps_per_epoch=steps,
            initial_epoch=first,
            epochs=first + phase.epochs,
            shuffle=False,  # the batches are shuffled already, by seed and epoch
            validation_data=ordered_batches(sets[1], batch_size, phase.validation_steps),
            callbacks=[*batch_bar(steps), recording(record, phase.name, at_epoch_end)],
            verbose=0,
        )
        if keep == "best":
            record.restore_best()
    compile_classifier(model, phases[-1])
    return record


def compile_classifier(model: Any, phase: Phase) -> None:
    """Compiles for class numbers as labels: binary cross entropy for one sigmoid unit, else the sparse categorical."""
    import keras

    if phase.optimizer not in OPTIMIZERS:
        raise ConfigError(f"`optimizer` must be one of {', '.join(OPTIMIZERS)}, received {phase.optimizer!r}")
    binary = model.outputs[0].shape[-1] == 1
    accuracy = keras.metrics.BinaryAccuracy if binary else keras.metrics.SparseCategoricalAccuracy
    model.compile(
        optimizer=getattr(keras.optimizers, OPTIMIZERS[phase.optimizer])(learning_rate=phase.learning_rate),
        loss="binary_crossentropy" if binary else "sparse_categorical_crossentropy",
        metrics=[accuracy(name="accuracy")],
    )
