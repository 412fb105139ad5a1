"""Training in phases, each with its own layers, on one history."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.models.freezing import submodel, train_only
from kerasvgg.process.progress import say
from kerasvgg.process.signals import finishing_batches
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.callbacks import TrainingMonitor, after_batches, batch_bar, is_over, recording
from kerasvgg.training.guards.freeze_audit import FreezeAudit
from kerasvgg.training.history import Iterations, TrainingHistory, restore_optimizer, say_epoch
from kerasvgg.training.phase import Phase
from kerasvgg.training.state import State


def fit(model: Any, batches: Any, validation: Any, batch_size: int, *, callbacks: Sequence[Any], **how: Any) -> None:
    """Fits the model; raises as `readable_errors` does, and Interrupted after the batch in which a signal came."""
    with readable_errors((batches, validation), batch_size), finishing_batches() as check:
        called = [after_batches(check), *callbacks]
        # The batches are shuffled already, by seed and epoch.
        model.fit(batches, validation_data=validation, shuffle=False, verbose=0, callbacks=called, **how)


@contextmanager
def readable_errors(datasets: Sequence[Any], batch_size: int) -> Iterator[None]:
    """Raises what a dataset's batches raised in the block as it was, not as TensorFlow wraps it.

    Raises KerasVGGError, with a batch size to try, when memory runs out.
    """
    import tensorflow as tf

    try:
        yield
    except (tf.errors.OpError, MemoryError) as error:
        for failure in (*(each for dataset in datasets for each in dataset.failures), error):
            if isinstance(failure, MemoryError | tf.errors.ResourceExhaustedError):
                raise KerasVGGError(
                    f"out of memory with `batch_size` {batch_size}: try {max(1, batch_size // 2)}, or smaller pictures"
                ) from failure
            if isinstance(failure, KerasVGGError | OSError):
                raise failure from None
        raise


OPTIMIZERS = {"rmsprop": "RMSprop", "adam": "Adam", "sgd": "SGD"}


def train_phases(
    model: Any,
    phases: Sequence[Phase],
    feed: BatchSource,
    frozen: FeatureExtractor,
    audit: FreezeAudit,
    *,
    keep: str = "best",
    stop_when_dead: bool = True,
    state: State | None = None,
    iterations: Iterations | None = None,
    at_epoch_end: Callable[[TrainingHistory], None] = say_epoch,
) -> TrainingHistory:
    """Trains the model in place and returns the record of all epochs.

    Only what comes after the `frozen` layers is trained, on what they make of each picture once; this changes no
    number but the rounding. `keep="best"` starts each later phase from the best epoch by validation and ends with
    it, `keep="last"` goes on from the last one. From a `state` of the same training it goes on to the same end.
    `iterations` get a row per batch. At the end of each phase the `audit` is held.

    Raises FreezeError from it, DeadRunError where nothing is learnt, if training may `stop_when_dead`, and Interrupted
    between two batches after Ctrl-C or SIGTERM.
    """
    record = TrainingHistory(
        model, submodel(model, frozen.root, None), epochs=sum(phase.epochs for phase in phases), iterations=iterations
    )

    watch = TrainingMonitor(feed, stop_when_dead)
    end_epoch = _checked(phases, audit, watch, at_epoch_end)
    if state:
        record.restore(state)
    for number, (phase, cut) in enumerate(zip(phases, frozen.cuts, strict=False)):  # the later phases may be left out
        train_only(model, phase.layers)
        rows = record.rows_of(number)
        if not is_over(phase, rows):
            part_trained = submodel(model, cut, None)
            compile_classifier(part_trained, phase)
            if rows and state:
                restore_optimizer(part_trained.optimizer, part_trained.trainable_variables, state.optimizer)
            record.optimizer = part_trained.optimizer
            steps, first = feed.steps(phase), len(record.rows)
            batches, held_out = feed.training(phase, cut, first), feed.validation(phase, cut)
            last = first - len(rows) + phase.epochs
            audit.begin(resumed=bool(rows))
            say(f"training {phase.name} layers: {last - first} epochs of {steps} batches")
            fit(
                part_trained,
                batches,
                held_out,
                feed.batch_size,
                class_weight=feed.class_weight(phase),
                steps_per_epoch=steps,
                initial_epoch=first,
                epochs=last,
                callbacks=[*batch_bar(steps), recording(record, number, phase, watch.batch, end_epoch)],
            )
        if keep == "best" and number == record.present_phase:  # a resumed one may be in a later phase
            record.restore_best()
    compile_classifier(model, phases[-1])
    return record


def _checked(
    phases: Sequence[Phase], audit: FreezeAudit, watch: TrainingMonitor, at_epoch_end: Callable[[TrainingHistory], None]
) -> Callable[[TrainingHistory], None]:
    """Returns what to do at an epoch's end: the audit before anything is written, a look for signs of death after."""

    def end_epoch(record: TrainingHistory) -> None:
        phase, rows = phases[record.present_phase], record.rows_of(record.present_phase)
        if record.phase_is_over:
            audit.end(phase)
        at_epoch_end(record)
        watch.epoch(phase, rows)

    return end_epoch


def compile_classifier(model: Any, phase: Phase) -> None:
    """Compiles for class numbers as labels: binary cross entropy for one sigmoid unit, else the sparse categorical."""
    import keras

    if phase.optimizer not in OPTIMIZERS:
        raise ConfigError(f"`optimizer` must be one of {', '.join(OPTIMIZERS)}, received {phase.optimizer!r}")
    binary = model.outputs[0].shape[-1] == 1
    cross_entropy = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
    accuracy = keras.metrics.BinaryAccuracy if binary else keras.metrics.SparseCategoricalAccuracy
    model.compile(
        optimizer=getattr(keras.optimizers, OPTIMIZERS[phase.optimizer])(learning_rate=phase.learning_rate),
        loss=cross_entropy if phase.loss == "mean" else _summed(binary),
        metrics=[accuracy(name="accuracy")],
    )


def _summed(binary: bool) -> Any:
    import keras

    loss = keras.losses.BinaryCrossentropy if binary else keras.losses.SparseCategoricalCrossentropy
    return loss(reduction="sum")
