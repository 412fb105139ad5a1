"""A network as its source has it: a base with fully connected layers, named as keras.applications names them."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.models.base import BASES
from kerasvgg.models.hidden import each, hidden
from kerasvgg.models.preprocessing import preprocessing as preprocessing_layer
from kerasvgg.models.style import PLAIN, Style


def build_network(
    base: str,
    image_size: tuple[int, int],
    classes: int,
    *,
    channels: int = 3,
    preprocessing: str | None = None,
    top: bool = True,
    units: Sequence[int] = (),
    dropout: float | Sequence[float] = 0.0,
    style: Style = PLAIN,
    seed: int = 0,
) -> Any:
    """Returns an uncompiled keras.Model of the base and, with `top`, of flatten, fc1, fc2 ... and predictions.

    `dropout` is that after each hidden layer, or one for each of them. One class is a sigmoid, more are a softmax.
    Without `preprocessing` it takes what the base takes.
    """
    import keras

    keras.utils.set_random_seed(seed)
    pictures = keras.Input((*image_size, channels), name="pictures")
    x = preprocessing_layer(preprocessing)(pictures) if preprocessing else pictures
    x = BASES[base].apply(x, style)
    if top:
        x = keras.layers.Flatten(name="flatten")(x)
        x = hidden(x, units, each(dropout, units), style, names=("fc{}", "fc{}_dropout"))
        activation = "sigmoid" if classes == 1 else "softmax"
        x = style.dense(x, classes, name="predictions", activation=activation)
    return keras.Model(pictures, x, name=base)
