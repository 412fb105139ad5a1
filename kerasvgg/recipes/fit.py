"""Keras' fit with errors that a user can act on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kerasvgg.errors import KerasVGGError
from kerasvgg.interruption import finishing_batches
from kerasvgg.recipes.callbacks import after_batches


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
