"""kerasvgg's own Keras callbacks, and the monitor that stops a dead training."""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from kerasvgg.process.progress import progress, tell
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.guards.dead_runs import DeadRunError
from kerasvgg.training.history import TrainingHistory
from kerasvgg.training.phase import Phase
from kerasvgg.training.precision import unscaled
from kerasvgg.training.schedule import Row, learning_rate, stops

MOST_NAMES = 5


class TrainingMonitor:
    """Looks at every batch and epoch of a training; raises DeadRunError, with advice, if it may stop."""

    at_once = 1  # batches that are trained before their loss is seen

    def __init__(self, source: BatchSource, may_stop: bool) -> None:
        self._source, self._may_stop = source, may_stop

    def batch(self, phase: Phase, epoch: int, batch: int, loss: float) -> None:
        """Stops at the first batch whose loss is no number, or soon after; epoch and batch count from 0."""
        if math.isfinite(loss) or not self._may_stop:
            return
        batches = range(batch + 1 - self.at_once, batch + 1)
        names = [name for one in batches for name in self._source.names(phase, epoch, one)]
        more = f" and {len(names) - MOST_NAMES:,} more" if len(names) > MOST_NAMES else ""
        which = f"batch {batch + 1}" if self.at_once == 1 else f"one of the batches {batches[0] + 1} to {batch + 1}"
        where = f"{which} of epoch {epoch + 1} ({', '.join(names[:MOST_NAMES])}{more})"
        raise DeadRunError(
            f"the loss became {loss} in {where}: most likely the learning rate {phase.learning_rate:g} is too high; "
            "try a tenth of it, or `kerasvgg lr-find`. If that does not help, look at these pictures"
        )

    def epoch(self, phase: Phase, rows: Sequence[Row]) -> None:
        """Stops after an epoch when those of the phase so far show that nothing is learnt."""
        reason = self._source.dead_run_rules(phase).why_dead(phase, rows) if self._may_stop else None
        if reason:
            raise DeadRunError(
                f"stopped after epoch {rows[-1]['epoch']}: {reason}. With `--resume stop_when_dead=false` it goes on"
            )


def setting_rate(history: TrainingHistory, number: int, phase: Phase) -> Any:
    """Returns the callback that sets each epoch's learning rate, unless a program's own schedule or callback does.

    It stands before a program's callbacks; `rate` is what the epoch is trained with.
    """
    import keras

    class SettingRate(keras.callbacks.Callback):
        rate = given = math.nan

        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            optimizer = self.model.optimizer
            scheduled = isinstance(unscaled(optimizer)._learning_rate, keras.optimizers.schedules.LearningRateSchedule)
            changed = not math.isnan(self.given) and float(optimizer.learning_rate) != self.given
            if not scheduled and not changed:
                self.rate = learning_rate(phase.learning_rate, phase.reduce_learning_rate, history.rows_of(number))
                optimizer.learning_rate = self.rate
                self.given = float(optimizer.learning_rate)

        def on_train_batch_begin(self, batch: int, logs: object = None) -> None:
            present = float(self.model.optimizer.learning_rate)
            if present != self.given:  # the optimizer has it in single precision only
                self.rate = present

    return SettingRate()


def recording(  # noqa: PLR0917 - what ends a batch and an epoch is handed through as it comes
    history: TrainingHistory,
    number: int,
    phase: Phase,
    setting: Any,
    at_batch_end: Callable[[Phase, int, int, float], None],
    at_epoch_end: Callable[[TrainingHistory], None],
) -> Any:
    """Returns the callback that notes each epoch, with the rate that was set, and ends the phase in time."""
    import keras

    class Recording(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            if history.iterations:
                history.iterations.begin_epoch()

        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            at_batch_end(phase, len(history.rows), batch, (logs or {})["loss"])
            tell("batch", lambda: self._place(batch, logs or {}))
            if history.iterations:
                history.iterations.add(phase.name, epoch=len(history.rows) + 1, model=self.model, logs=logs or {})

        def _place(self, batch: int, logs: Mapping[str, float]) -> dict[str, Any]:
            at = {"phase": phase.name, "epoch": len(history.rows) + 1, "epochs": history.epochs}
            figures = {name: float(logs[name]) for name in ("loss", "accuracy") if name in logs}
            return {**at, "batch": batch + 1, "batches": (self.params or {}).get("steps"), **figures}

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            means = history.iterations.means() if history.iterations else {}
            history.add(phase.name, setting.rate, {**(logs or {}), **means})
            stopped = bool(self.model.stop_training)  # by a callback of a program's own
            self.model.stop_training = history.phase_is_over = stopped or is_over(phase, history.rows_of(number))
            at_epoch_end(history)

    return Recording()


def is_over(phase: Phase, rows: list[dict[str, Any]]) -> bool:
    """Tells whether a phase ends with these epochs."""
    return len(rows) >= phase.epochs or stops(phase.early_stopping, rows)


def after_batches(check: Callable[[], None]) -> Any:
    """Returns a callback that calls `check` after every batch of training and validation."""
    import keras

    return keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: check(), on_test_batch_end=lambda batch, logs: check()
    )


def batch_bar(steps: int) -> list[Any]:
    """Returns a callback that shows the batches of each epoch on a terminal; none elsewhere."""
    import keras

    if not sys.stderr.isatty():
        return []
    shown = ExitStack()
    advance: list[Callable[[int], None]] = []

    done = 0

    def start(epoch: int, logs: object) -> None:
        nonlocal done
        done = 0
        advance[:] = [shown.enter_context(progress(f"epoch {epoch + 1}", steps))]

    def go_on(batch: int, logs: object) -> None:  # the last of several, where they are trained at once
        nonlocal done
        advance[0](batch + 1 - done)
        done = batch + 1

    return [
        keras.callbacks.LambdaCallback(
            on_epoch_begin=start,
            on_train_batch_end=go_on,
            on_epoch_end=lambda epoch, logs: shown.close(),
        )
    ]
