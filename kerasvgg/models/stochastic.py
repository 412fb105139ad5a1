"""A chain of layers with dropout at work, as some scripts score by mistake and others on purpose."""

from typing import Any

import numpy as np


class Stochastic:
    """A model's outputs with its dropout layers as in training and all others as in inference; each call draws anew.

    Keras' predict never does so. The model must be a chain of layers. What is drawn follows from the state of the
    dropout layers' seed generators.
    """

    def __init__(self, model: Any) -> None:
        self._layers = model.layers[1:]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns float32 outputs for a batch, of any number type."""
        from keras import layers, ops

        y = ops.convert_to_tensor(x, dtype="float32")
        for layer in self._layers:
            y = layer(y, training=True) if isinstance(layer, layers.Dropout) else layer(y)
        return np.asarray(y)
