"""What all convolutions and dense layers of a network have in common, and where their first weights come from."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kerasvgg.errors import ConfigError

GLOROT = "glorot_uniform"


def initializers(scheme: str, layer: str, inputs: int | None = None, outputs: int | None = None) -> dict[str, Any]:
    """Returns the arguments of a Keras layer that draw its weights; none for what Keras does by itself.

    `layer` is the layer's name, `inputs` and `outputs` are those of a dense layer, None for a convolution.
    glorot_uniform: Keras' own. he_normal: He's, for relu. vgg_blog: uniform within 0.05 in blocks 1 and 2, else Keras'
    own. gender_blog: convolutions truncated normal of 0.1, dense layers uniform within 6 / (inputs + outputs), without
    Glorot's square root, biases normal of 1.
    """
    check_initialization(scheme)
    return SCHEMES[scheme](layer, inputs, outputs)


def check_initialization(scheme: str) -> str:
    """Returns the scheme. Raises ConfigError for one that there is not."""
    if scheme not in SCHEMES:
        raise ConfigError(f"`initialization` must be one of {', '.join(SCHEMES)}, received {scheme!r}")
    return scheme


def _glorot_uniform(_layer: str, _inputs: int | None, _outputs: int | None) -> dict[str, Any]:
    return {}


def _he_normal(_layer: str, _inputs: int | None, _outputs: int | None) -> dict[str, Any]:
    return {"kernel_initializer": "he_normal"}


def _vgg_blog(layer: str, _inputs: int | None, _outputs: int | None) -> dict[str, Any]:
    return {"kernel_initializer": "random_uniform"} if layer.startswith(("block1_", "block2_")) else {}


def _gender_blog(_layer: str, inputs: int | None, outputs: int | None) -> dict[str, Any]:
    from keras import initializers as keras_initializers

    kernel = keras_initializers.TruncatedNormal(stddev=0.1)
    if inputs and outputs:
        bound = 6 / (inputs + outputs)
        kernel = keras_initializers.RandomUniform(-bound, bound)
    return {"kernel_initializer": kernel, "bias_initializer": keras_initializers.RandomNormal(stddev=1.0)}


SCHEMES: dict[str, Callable[[str, int | None, int | None], dict[str, Any]]] = {
    GLOROT: _glorot_uniform,
    "he_normal": _he_normal,
    "vgg_blog": _vgg_blog,
    "gender_blog": _gender_blog,
}


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
