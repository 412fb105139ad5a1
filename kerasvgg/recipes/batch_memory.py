"""Whether a batch fits into memory, asked before training: TensorFlow crashes when it does not."""

import math
from itertools import pairwise
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.memory import available_memory
from kerasvgg.models.forward import BATCH


def check_forward_memory(model: Any) -> None:
    """Raises ConfigError if two neighbouring layers' outputs of a batch of frozen features are more than there is."""
    sizes = [math.prod(layer.output.shape[1:]) for layer in model.layers]
    needed = 4 * BATCH * max(map(sum, pairwise(sizes)), default=0)
    available = available_memory()
    if available is not None and needed > available:
        raise ConfigError(
            f"the frozen layers need at least {needed / 1e9:.1f} GB of memory for {BATCH} pictures, and "
            f"{available / 1e9:.1f} GB are there: try a smaller `image_size`"
        )


def check_batch_memory(model: Any, batch_size: int) -> None:
    """Raises ConfigError, with a batch size to try, if the layers' outputs alone are more than the memory there is.

    Training keeps every layer's float32 output of a batch until its gradient is known, so that this is the least that
    it needs; with the gradients and the next batches it needs about twice as much.
    """
    each = 4 * sum(math.prod(layer.output.shape[1:]) for layer in model.layers)
    available = available_memory()
    if available is None or batch_size * each <= available:
        return
    fits = max(1, 1 << ((available // (2 * each)) or 1).bit_length() - 1)
    raise ConfigError(
        f"`batch_size` {batch_size:,} needs at least {batch_size * each / 1e9:.1f} GB of memory for training, and "
        f"{available / 1e9:.1f} GB are there: try {fits:,}, or a smaller `image_size`"
    )
