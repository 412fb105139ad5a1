"""A model's outputs, batch by batch, in memory that does not grow with the number of pictures."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np


def forward(model: Any, batches: Iterable[tuple[Any, Any]]) -> Iterator[np.ndarray]:
    """Yields the model's output for each batch (x, y) as a numpy array; inference mode, traced once."""
    import tensorflow as tf

    shape = (None, *model.inputs[0].shape[1:])
    infer = tf.function(lambda x: model(x, training=False), autograph=False)
    call = infer.get_concrete_function(tf.TensorSpec(shape, tf.float32))
    for x, _ in batches:
        yield call(tf.convert_to_tensor(x)).numpy()


def class_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Returns one probability per class (n, classes), also for a single sigmoid unit (n, 1)."""
    return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs
