"""Keras' fit with errors that a user can act on."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.errors import KerasVGGError
from kerasvgg.interruption import finishing_batches
from kerasvgg.recipes.callbacks import after_batches


def fit(model: Any, batches: Any, validation: Any, batch_size: int, *, callbacks: Sequence[Any], **how: Any) -> None:
    """Fits the model, and raises what the batches raised as it was, not as TensorFlow wraps it.

    Raises KerasVGGError, with a batch size to try, when memory runs out, and Interrupted after the batch in which
    Ctrl-C or SIGTERM came.
    """
    import tensorflow as tf

    try:
        with finishing_batches() as check:
            called = [after_batches(check), *callbacks]
            # The batches are shuffled already, by seed and epoch.
            model.fit(batches, validation_data=validation, shuffle=False, verbose=0, callbacks=called, **how)
    except (tf.errors.OpError, MemoryError) as error:
        for failure in (*batches.failures, *validation.failures, error):
            if isinstance(failure, MemoryError | tf.errors.ResourceExhaustedError):
                raise KerasVGGError(
                    f"out of memory with `batch_size` {batch_size}: try {max(1, batch_size // 2)}, or smaller pictures"
                ) from failure
            if isinstance(failure, KerasVGGError | OSError):
                raise failure from None
        raise
