"""kerasvgg's own Keras callbacks."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from kerasvgg.progress import progress
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.record import Record
from kerasvgg.recipes.schedule import learning_rate, stops


def recording(
    record: Record,
    number: int,
    phase: Phase,
    at_batch_end: Callable[[Phase, int, int, float], None],
    at_epoch_end: Callable[[Record], None],
) -> Any:
    """Returns the callback that sets each epoch's learning rate, notes the epoch, and ends the phase in time."""
    import keras

    class Recording(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
            self.rate = learning_rate(phase.learning_rate, phase.reduce_learning_rate, record.rows_of(number))
            self.model.optimizer.learning_rate = self.rate
            if record.iterations:
                record.iterations.begin_epoch()

        def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
            at_batch_end(phase, len(record.rows), batch, (logs or {})["loss"])
            if record.iterations:
                record.iterations.add(phase.name, epoch=len(record.rows) + 1, model=self.model, logs=logs or {})

        def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
            means = record.iterations.means() if record.iterations else {}
            record.add(phase.name, self.rate, {**(logs or {}), **means})
            self.model.stop_training = record.phase_is_over = is_over(phase, record.rows_of(number))
            at_epoch_end(record)

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

    def start(epoch: int, logs: object) -> None:
        advance[:] = [shown.enter_context(progress(f"epoch {epoch + 1}", steps))]

    return [
        keras.callbacks.LambdaCallback(
            on_epoch_begin=start,
            on_train_batch_end=lambda batch, logs: advance[0](1),
            on_epoch_end=lambda epoch, logs: shown.close(),
        )
    ]
