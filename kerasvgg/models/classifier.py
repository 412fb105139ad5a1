"""A whole classifier, flat: pictures 0..255, preprocessing, base, head."""

from collections.abc import Mapping, Sequence
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.models.base import BASES
from kerasvgg.models.preprocessing import preprocessing

POOLINGS = {"flatten": "Flatten", "average": "GlobalAveragePooling2D"}


def build_classifier(
    base: str,
    image_size: tuple[int, int],
    classes: int,
    *,
    kind: str,
    weights: Mapping[str, Sequence[Any]] | None = None,
    pooling: str = "flatten",
    units: Sequence[int] = (256,),
    input_dropout: float = 0.0,
    dropout: float = 0.0,
    seed: int = 0,
) -> Any:
    """Returns an uncompiled keras.Model from float pictures (n, height, width, 3) 0..255 to probabilities.

    Two classes give one sigmoid unit (n, 1), the probability of the second class; more give a softmax (n, classes).
    `kind` is the preprocessing, `weights` the base's arrays by layer name, `seed` draws the other weights.
    The head's layers are named head_*, so that the pattern `head` means all of them.
    """
    import keras

    check_classifier(base, image_size, classes, pooling)
    keras.utils.set_random_seed(seed)
    pictures = keras.Input((*image_size, 3), name="pictures")
    x = BASES[base].apply(preprocessing(kind)(pictures))
    model = keras.Model(pictures, _head(x, classes, pooling, units, dropouts=(input_dropout, dropout)), name=base)
    for name, arrays in (weights or {}).items():
        model.get_layer(name).set_weights(arrays)
    return model


def _head(x: Any, classes: int, pooling: str, units: Sequence[int], *, dropouts: tuple[float, float]) -> Any:
    from keras import layers

    input_dropout, dropout = dropouts
    x = getattr(layers, POOLINGS[pooling])(name=f"head_{pooling}")(x)
    if input_dropout:
        x = layers.Dropout(input_dropout, name="head_input_dropout")(x)
    for i, width in enumerate(units, start=1):
        x = layers.Dense(width, activation="relu", name=f"head_dense{i}")(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"head_dropout{i}")(x)
    if classes == 2:
        return layers.Dense(1, activation="sigmoid", name="head_output")(x)
    return layers.Dense(classes, activation="softmax", name="head_output")(x)


def check_classifier(base: str, image_size: tuple[int, int], classes: int, pooling: str) -> None:
    """Raises ConfigError for what `build_classifier` could not build."""
    if base not in BASES:
        raise ConfigError(f"`base` must be one of {', '.join(BASES)}, received {base!r}")
    if min(image_size) < BASES[base].smallest:
        raise ConfigError(
            f"`image_size` must be at least {BASES[base].smallest} x {BASES[base].smallest} for {base}, "
            f"received {image_size[0]} x {image_size[1]}"
        )
    if pooling not in POOLINGS:
        raise ConfigError(f"`pooling` must be one of {', '.join(POOLINGS)}, received {pooling!r}")
    if classes < 2:
        raise ConfigError(f"`classes` must be at least 2, received {classes}")
