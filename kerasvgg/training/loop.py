"""Training in phases, each with its own layers, on one history."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

from kerasvgg.errors import KerasVGGError
from kerasvgg.models.freezing import CutModel
from kerasvgg.process.progress import say
from kerasvgg.process.signals import finishing_batches
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.callbacks import TrainingMonitor, after_batches, batch_bar, is_over, recording, setting_rate
from kerasvgg.training.guards.freeze_audit import FreezeAudit
from kerasvgg.training.history import Iterations, TrainingHistory, restore_optimizer, say_epoch
from kerasvgg.training.member import member
from kerasvgg.training.parallel import fit_together
from kerasvgg.training.phase import Phase, TrainingSettings
from kerasvgg.training.precision import Precision, computing_in, scaled
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


MOST_AT_ONCE = 10  # batches, of which Keras' own work then takes a tenth
CROSS_ENTROPIES = {  # as a saved model names them, by the beginning of the names of Keras' classes
    "Binary": "binary_crossentropy",
    "Categorical": "categorical_crossentropy",
    "SparseCategorical": "sparse_categorical_crossentropy",
}
OPTIMIZERS = {"rmsprop": "RMSprop", "adam": "Adam", "sgd": "SGD"}


def train_phases(
    cut_model: CutModel,
    settings: TrainingSettings,
    source: BatchSource,
    audit: FreezeAudit,
    *,
    state: State | None = None,
    iterations: Iterations | None = None,
    at_epoch_end: Callable[[TrainingHistory], None] = say_epoch,
) -> TrainingHistory:
    """Trains the model in place and returns the history of all epochs.

    Only what comes after a phase's cut is trained. From a `state` of the same training it goes on to the same end.
    `iterations` get a row per batch.

    Raises FreezeError from it, DeadRunError where nothing is learnt, if training may `stop_when_dead`, and Interrupted
    between two batches after Ctrl-C or SIGTERM.
    """
    phases, optimizer = settings.phases, settings.optimizer
    epochs = sum(phase.epochs for phase in phases)
    trains = cut_model.after(cut_model.root)
    history = TrainingHistory(cut_model.whole, trains, epochs, iterations, settings.keep)
    monitor = TrainingMonitor(source, settings.stop_when_dead)
    end_epoch = _checked(phases, audit, monitor, at_epoch_end)
    if state:
        history.restore(state)
    for number, (phase, cut) in enumerate(zip(phases, cut_model.cuts, strict=False)):  # later phases may be left out
        cut_model.train_only(phase.layers)
        if not is_over(phase, history.rows_of(number)):
            trained = cut_model.after(cut)
            monitor.at_once = _at_once(settings, source.steps(phase), cut, trained)
            how_compiled: dict[str, Any] = {"at_once": monitor.at_once, "taught": settings.teacher is not None}
            compile_classifier(trained, phase, optimizer, settings.precision, **how_compiled)
            own = _around(settings.callbacks, history, number, phase, monitor.batch, end_epoch)
            how: dict[str, Any] = {"history": history, "source": source, "audit": audit, "state": state}
            with computing_in(settings.precision, trained) if settings.precision != "float32" else nullcontext():
                _train_phase(trained, phase, cut, **how, callbacks=own)
        if settings.keep != "last" and number == history.present_phase:  # a resumed one may be in a later phase
            history.restore_best()
    compile_classifier(cut_model.whole, phases[-1], optimizer)
    return history


def _around(callbacks: Sequence[Any], history: TrainingHistory, number: int, phase: Phase, *ends: Any) -> list[Any]:
    """Returns a program's own callbacks between the one that sets the rate and the one that notes the epoch."""
    rate = setting_rate(history, number, phase)
    return [rate, *callbacks, recording(history, number, phase, rate, *ends)]


def _train_phase(
    trained: Any,
    phase: Phase,
    cut: str | None,
    *,
    history: TrainingHistory,
    source: BatchSource,
    audit: FreezeAudit,
    state: State | None,
    callbacks: Sequence[Any],
) -> None:
    rows = history.rows_of(history.present_phase)
    if rows and state:
        restore_optimizer(trained.optimizer, trained.trainable_variables, state.optimizer)
    history.optimizer = trained.optimizer
    steps, first = source.steps(phase), len(history.rows)
    batches, held_out = source.training(phase, cut, first), source.validation(phase, cut)
    last = first - len(rows) + phase.epochs
    audit.begin(resumed=bool(rows))
    say(f"training {phase.name} layers: {last - first} epochs of {steps} batches")
    if member().count > 1:
        with readable_errors((batches, held_out), source.batch_size // member().count), finishing_batches() as check:
            together = [after_batches(check), *batch_bar(steps), *callbacks]
            how: dict[str, Any] = {
                "class_weight": source.class_weight(phase),
                "sizes": (source.sizes(phase), source.sizes_of_validation(phase)),
            }
            fit_together(trained, batches, held_out, **how, initial_epoch=first, epochs=last, callbacks=together)
        return
    fit(
        trained,
        batches,
        held_out,
        source.batch_size,
        class_weight=source.class_weight(phase),
        steps_per_epoch=steps,
        initial_epoch=first,
        epochs=last,
        callbacks=[*batch_bar(steps), *callbacks],
    )


def _checked(
    phases: Sequence[Phase],
    audit: FreezeAudit,
    monitor: TrainingMonitor,
    at_epoch_end: Callable[[TrainingHistory], None],
) -> Callable[[TrainingHistory], None]:
    """Returns what to do at an epoch's end: the audit before anything is written, a look for signs of death after."""

    def end_epoch(history: TrainingHistory) -> None:
        phase, rows = phases[history.present_phase], history.rows_of(history.present_phase)
        if history.phase_is_over:
            audit.end(phase)
        at_epoch_end(history)
        monitor.epoch(phase, rows)

    return end_epoch


def _at_once(settings: TrainingSettings, steps: int, cut: str | None, trained: Any) -> int:
    """Returns how many batches are trained before anyone looks: several where one takes a few milliseconds.

    That is where a head is trained on features, unless each batch is noted or may be a program's own callbacks' matter.
    An epoch must end with the last one, so that it is a divisor of their number.
    """
    is_head = cut is not None and all(len(layer.output.shape) <= 2 for layer in trained.layers)
    is_fresh = settings.augmentation is not None and not settings.augment_copies
    if not is_head or is_fresh or settings.log_iterations or settings.callbacks or settings.workers > 1:
        return 1
    return next(count for count in range(MOST_AT_ONCE, 0, -1) if steps % count == 0)


def compile_classifier(
    model: Any,
    phase: Phase,
    optimizer: Any = None,
    precision: Precision = "float32",
    *,
    at_once: int = 1,
    taught: bool = False,
) -> None:
    """Compiles for `targets` as labels: binary cross entropy for sigmoid units, else the sparse categorical.

    One that is `taught` learns rows of probabilities. An `optimizer` is copied, so that each phase begins with one that
    has gathered nothing. So many batches are trained `at_once`.
    """
    import keras

    binary = getattr(model.layers[-1], "activation", None) is keras.activations.sigmoid
    kind = "Categorical" if taught else "Binary" if binary else "SparseCategorical"
    summed = getattr(keras.losses, f"{kind}Crossentropy")
    own = _optimizer(model, phase) if optimizer is None else type(optimizer).from_config(optimizer.get_config())
    model.compile(
        optimizer=scaled(own, precision),
        loss=CROSS_ENTROPIES[kind] if phase.loss == "mean" else summed(reduction="sum"),
        metrics=[getattr(keras.metrics, f"{kind}Accuracy")(name="accuracy")],
        steps_per_execution=at_once,
    )


def _optimizer(model: Any, phase: Phase) -> Any:
    """Returns the phase's optimizer, whose rate falls from the model's last layer to its first as `layer_decay` says.

    Biases and what normalisation scales by are not decayed. Source of the rates: Clark et al., ELECTRA (2020).
    """
    import keras

    made = getattr(keras.optimizers, OPTIMIZERS[phase.optimizer])(
        learning_rate=phase.learning_rate, weight_decay=phase.weight_decay or None
    )
    layers = [layer.trainable_variables for layer in model.layers if layer.trainable_variables]
    if phase.weight_decay:
        made.exclude_from_weight_decay([one for layer in layers for one in layer if len(one.shape) < 2])
    if phase.layer_decay < 1:
        by_depth = enumerate(reversed(layers))
        shares = {one.value.ref(): phase.layer_decay**depth for depth, layer in by_depth for one in layer}
        update = made.update_step

        def update_step(gradient: Any, variable: Any, learning_rate: Any) -> None:
            update(gradient, variable, learning_rate * shares[variable.ref()])

        made.update_step = update_step
    return made
