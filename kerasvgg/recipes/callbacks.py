"""kerasvgg's own Keras callbacks."""

import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from kerasvgg.progress import progress
from kerasvgg.recipes.record import Record


def recording(record: Record, phase: str, at_epoch_end: Callable[[Record], None]) -> Any:
    """Returns the callback that notes every epoch in the record and then calls `at_epoch_end`."""
    import keras

    def note(epoch: int, logs: dict[str, float]) -> None:
        record.add(phase, logs)
        at_epoch_end(record)

    return keras.callbacks.LambdaCallback(on_epoch_end=note)


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
