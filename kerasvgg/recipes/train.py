"""Training in phases, each with its own layers, on one history."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from kerasvgg.data.augment import Augmentation
from kerasvgg.data.augmented import AugmentedPictures
from kerasvgg.data.kept import kept
from kerasvgg.data.pictures import Pictures
from kerasvgg.data.pipeline import ordered_batches, steps_per_epoch, training_batches
from kerasvgg.errors import ConfigError
from kerasvgg.features.frozen import Frozen
from kerasvgg.models.transfer import part, train_only
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
    frozen: Frozen,
    batch_size: int = 32,
    seed: int = 0,
    augmentation: Augmentation | None = None,
    augment_copies: int | None = None,
    keep: str = "best",
    at_epoch_end: Callable[[Record], None] = say_epoch,
) -> Record:
    """Trains the model in place and returns the record of all epochs.

    Only what comes after the `frozen` layers is trained, on what they make of each picture once; this changes no
    number but the rounding. With augmentation they see each of `augment_copies` views once, or (None) a fresh view of
    every picture in every epoch. `keep="best"` starts each later phase from the best epoch by validation and ends with
    it, `keep="last"` goes on from the last one.
    """
    record = Record(model, epochs=sum(phase.epochs for phase in phases))
    if frozen.root is None:
        validation = kept(validation)
    if frozen.root is None or augmentation:
        train = kept(train)
    fresh = augmentation if not augment_copies else None
    views = train
    if augmentation and augment_copies:
        views = AugmentedPictures(train, augmentation, min(augment_copies, _passes(phases, train, batch_size)), seed)
    for phase, cut in zip(phases, frozen.cuts, strict=True):
        train_only(model, phase.layers)
        part_trained = part(model, cut, None)
        compile_classifier(part_trained, phase)
        first, steps = len(record.rows), steps_per_epoch(train, batch_size, phase.steps_per_epoch)
        batches = training_batches(
            views if fresh else frozen.features(views, cut),
            batch_size,
            phase.steps_per_epoch,
            seed=seed,
            first_epoch=first,
            copies=len(views) // len(train),
            augmentation=fresh,
            through=frozen.trunk(cut, batch_size, len(train)) if fresh and cut else None,
        )
        held_out = ordered_batches(frozen.features(validation, cut), batch_size, phase.validation_steps)
        say(f"training {phase.name} layers: {phase.epochs} epochs of {steps} batches")
        _fit(
            part_trained,
            batches,
            held_out,
            steps_per_epoch=steps,
            initial_epoch=first,
            epochs=first + phase.epochs,
            callbacks=[*batch_bar(steps), recording(record, phase.name, at_epoch_end)],
        )
        if keep == "best":
            record.restore_best()
    compile_classifier(model, phases[-1])
    return record


def _passes(phases: Sequence[Phase], train: Pictures, batch_size: int) -> int:
    """Returns how often the phases go over the training pictures at most."""
    return sum(phase.epochs * math.ceil((phase.steps_per_epoch or 1) * batch_size / len(train)) for phase in phases)


def _fit(model: Any, batches: Any, validation: Any, **how: Any) -> None:
    """Fits the model, and raises what the batches raised as it was, not as TensorFlow wraps it."""
    import tensorflow as tf

    try:
        # The batches are shuffled already, by seed and epoch.
        model.fit(batches, validation_data=validation, shuffle=False, verbose=0, **how)
    except tf.errors.OpError:
        for error in (*batches.failures, *validation.failures):
            raise error from None
        raise


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
