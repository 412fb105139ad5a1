"""What all convolutions and dense layers of a network have in common."""

from dataclasses import dataclass
from typing import Any

from kerasvgg.models.initialization import GLOROT, initializers


@dataclass(frozen=True)
class Style:
    """Makes layers with relu. `weight_decay` is the factor of the L2 penalty on their kernels, 0 for none.

    With `batch_normalization` a convolution NAME is linear, and NAME_bn and NAME_relu follow it.
    """

    batch_normalization: bool = False
    weight_decay: float = 0.0
    initialization: str = GLOROT

    def convolution(self, x: Any, filters: int, side: int, *, name: str, padding: str = "same") -> Any:
        """Applies a convolution of stride 1 and relu to a Keras tensor (n, height, width, channels)."""
        from keras import layers

        settings = {**initializers(self.initialization, name), **self._penalty()}
        if not self.batch_normalization:
            return layers.Conv2D(filters, side, padding=padding, activation="relu", name=name, **settings)(x)
        x = layers.Conv2D(filters, side, padding=padding, name=name, **settings)(x)
        x = layers.BatchNormalization(name=f"{name}_bn")(x)
        return layers.Activation("relu", name=f"{name}_relu")(x)

    def dense(self, x: Any, units: int, *, name: str, activation: str = "relu") -> Any:
        """Applies a dense layer to a Keras tensor (n, features)."""
        from keras import layers

        settings = {**initializers(self.initialization, name, x.shape[-1], units), **self._penalty()}
        return layers.Dense(units, activation=activation, name=name, **settings)(x)

    def _penalty(self) -> dict[str, Any]:
        from keras import regularizers

        return {"kernel_regularizer": regularizers.L2(self.weight_decay)} if self.weight_decay else {}


PLAIN = Style()
