"""Any column of VGG, whole or without its top."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.config.did_you_mean import did_you_mean
from kerasvgg.errors import ConfigError
from kerasvgg.models.build_network import build_network
from kerasvgg.models.initialization import GLOROT, check_initialization
from kerasvgg.models.style import Style
from kerasvgg.models.vgg import COLUMNS, KERNELS, SMALLEST_INPUT


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
