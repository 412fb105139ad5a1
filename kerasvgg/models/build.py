"""Networks as their sources have them: a base with fully connected layers, named as keras.applications names them."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.backbones.preprocessing import preprocessing as preprocessing_layer
from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.backbones.style import GLOROT, PLAIN, Style, check_initialization
from kerasvgg.backbones.vgg import COLUMNS, KERNELS, SMALLEST_INPUT
from kerasvgg.errors import ConfigError, did_you_mean
from kerasvgg.models.heads import dense_stack, per_layer


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
    x = BACKBONES[base](x, style)
    if top:
        x = keras.layers.Flatten(name="flatten")(x)
        x = dense_stack(x, units, per_layer(dropout, units), style, names=("fc{}", "fc{}_dropout"))
        activation = "sigmoid" if classes == 1 else "softmax"
        x = style.dense(x, classes, name="predictions", activation=activation)
    return keras.Model(pictures, x, name=base)


def build_vgg(
    column: str,
    image_size: tuple[int, int] = (224, 224),
    classes: int = 1000,
    *,
    top: bool = True,
    preprocessing: str | None = None,
    batch_normalization: bool = False,
    dropout: float | Sequence[float] = 0.5,
    weight_decay: float = 0.0,
    initialization: str = GLOROT,
    units: Sequence[int] = (4096, 4096),
    seed: int = 0,
) -> Any:
    """Returns an uncompiled keras.Model of a column of VGG: vgg16, or D as in the paper's table 1.

    Its layers are named as in keras.applications, whose weights fit vgg16 and vgg19, with the top at 224 x 224.
    `dropout` is that after each of the fully connected `units`, or one for each. Without `preprocessing` the model
    takes pixels that went through it. Raises ConfigError for what can't be built.
    """
    name = COLUMNS.get(column, column)
    if name not in KERNELS:
        allowed = (*KERNELS, *COLUMNS)
        near = did_you_mean(column, allowed)
        raise ConfigError(f"`column` must be one of {', '.join(allowed)}, received {column!r}{near}")
    if min(image_size) < SMALLEST_INPUT:
        least = f"at least {SMALLEST_INPUT} x {SMALLEST_INPUT}"
        raise ConfigError(f"`image_size` must be {least} for VGG, received {image_size[0]} x {image_size[1]}")
    check_initialization(initialization)
    return build_network(
        name,
        image_size,
        classes,
        preprocessing=preprocessing,
        top=top,
        units=units,
        dropout=dropout,
        style=Style(batch_normalization, weight_decay, initialization),
        seed=seed,
    )
