"""A model as a function of arrays: in inference mode, or with its dropout at work."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from kerasvgg.models.walk import walk

BATCH = 32
Mode = Literal["graph", "xla"]


class Forward:
    """A model's float32 outputs for one batch at a time, several of them in a row; traced once, whatever the sizes.

    With `batch`, every batch is filled up to that size, so that what comes out for a picture does not depend on how
    many others are with it, not even in the last bit. Without, batches may have any size.
    `mode` "xla" has TensorFlow compile the model for this processor, "graph" takes oneDNN's ready kernels.
    """

    def __init__(self, model: Any, batch: int | None = None, mode: Mode = "graph") -> None:
        import tensorflow as tf

        self.shape, self.mode = tuple(model.outputs[0].shape[1:]), mode
        self._batch = batch
        infer = tf.function(lambda x: _in_a_row(model(x, training=False)), autograph=False, jit_compile=mode == "xla")
        self._call = infer.get_concrete_function(tf.TensorSpec((batch, *model.inputs[0].shape[1:]), tf.float32))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns the outputs for `x`, of any number type."""
        import tensorflow as tf

        full = np.zeros((self._batch or len(x), *x.shape[1:]), dtype=np.float32)
        full[: len(x)] = x
        outputs: np.ndarray = self._call(tf.convert_to_tensor(full)).numpy()[: len(x)]
        return outputs


def _in_a_row(outputs: Any) -> Any:
    import tensorflow as tf

    if not isinstance(outputs, list):
        return outputs
    return tf.concat([tf.cast(one, tf.float32) for one in outputs], axis=1)


def flip_average(run: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Returns `run` as the mean of what it makes of pictures (n, height, width, 3) and of their mirror images."""
    return lambda images: (run(images) + run(images[:, :, ::-1])) / 2


def class_probabilities(outputs: np.ndarray) -> np.ndarray:
    """Returns one probability per class (n, classes), also for a single sigmoid unit (n, 1)."""
    return np.concatenate([1 - outputs, outputs], axis=1) if outputs.shape[1] == 1 else outputs


class MonteCarloDropout:
    """A model's outputs with its dropout layers as in training and all others as in inference; each call draws anew.

    Keras' predict never does so. What is drawn follows from the state of the dropout layers' seed generators.
    """

    def __init__(self, model: Any) -> None:
        self._model = model

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns float32 outputs for a batch, of any number type."""
        from keras import layers, ops

        def visit(_path: str, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            how = {**kwargs, "training": True} if isinstance(layer, layers.Dropout) else kwargs
            return layer(*args, **how)

        return np.asarray(walk(self._model, [ops.convert_to_tensor(x, dtype="float32")], visit))
