"""Local response normalisation, which Keras lacks: importing this module lets Keras open models that have it."""

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="kerasvgg")
class LocalResponseNormalization(keras.layers.Layer):
    """Divides each number by (k + alpha x the sum of the squares of `n` neighbouring channels) to the power of beta.

    The settings are those of Krizhevsky et al. 2012, section 3.3, which VGG's column A-LRN has too. `n` is odd; the
    number's own channel is in the middle, and at the ends there are fewer. The last axis is that of the channels.
    """

    def __init__(self, n: int = 5, k: float = 2.0, alpha: float = 1e-4, beta: float = 0.75, **settings: Any) -> None:
        super().__init__(**settings)
        if n < 1 or n % 2 == 0:
            raise ValueError(f"`n` must be odd, received {n}")
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def call(self, inputs: Any) -> Any:
        """Returns a tensor of the same shape."""
        places = np.arange(inputs.shape[-1])
        is_near = np.abs(places[:, None] - places) <= self.n // 2
        total = ops.matmul(ops.square(inputs), ops.cast(is_near, inputs.dtype))
        return inputs * ops.power(self.k + self.alpha * total, -self.beta)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the same shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the settings that make the layer again."""
        own = {"n": self.n, "k": self.k, "alpha": self.alpha, "beta": self.beta}
        return {**super().get_config(), **own}
