"""A whole classifier, flat: pictures 0..255, preprocessing, base, head."""

from collections.abc import Mapping, Sequence
from typing import Any

from kerasvgg.backbones.preprocessing import preprocessing
from kerasvgg.backbones.registry import BACKBONES, OWN
from kerasvgg.backbones.style import GLOROT, Style, check_initialization
from kerasvgg.errors import ConfigError
from kerasvgg.models.heads import OUTPUTS, POOLINGS, dense_stack, per_layer, pooled, stage_averages, stage_maps
from kerasvgg.models.heads import output as head_output
from kerasvgg.models.walk import walk

RESERVED = ("pictures", "preprocessing")  # layers of every classifier


def build_classifier(
    base: str,
    image_size: tuple[int, int],
    classes: int,
    *,
    kind: str,
    weights: Mapping[str, Sequence[Any]] | None = None,
    pooling: str = "flatten",
    stages: Sequence[str] | None = None,
    units: Sequence[int] = (256,),
    input_dropout: float = 0.0,
    dropout: float | Sequence[float] = 0.0,
    batch_normalization: bool = False,
    weight_decay: float = 0.0,
    initialization: str = GLOROT,
    output: str | None = None,
    multi_label: bool = False,
    seed: int = 0,
    own_base: Any = None,
) -> Any:
    """Returns an uncompiled keras.Model from float pictures (n, height, width, 3) 0..255 to probabilities.

    Two classes give one sigmoid unit (n, 1), the probability of the second; more, or `output` "softmax", a softmax
    (n, classes); with `multi_label` a sigmoid unit for each class. `kind` is the preprocessing, `weights` the base's
    arrays by layer name, `seed` draws the others by `initialization`. `dropout` is that after each hidden layer, or
    one for each, `weight_decay` the factor of an L2 penalty on kernels. A copy of the keras.Model `own_base` replaces
    `base`. The head stands on the last feature maps or, with `stages`, on averages of what each of these ends with.
    """
    import keras

    check_base(base, image_size, own_base)
    _check_head(pooling, stages, own_base, classes, output=output, multi_label=multi_label)
    keras.utils.set_random_seed(seed)
    style = Style(batch_normalization, weight_decay, check_initialization(initialization))
    pictures, x = _pictures(image_size, kind, weights)
    x = BACKBONES[base](x, style) if own_base is None else _own(own_base, x)
    x = _vector(x, stage_maps(BACKBONES[base], pictures, x, stages) if stages else {}, pooling, input_dropout)
    x = dense_stack(x, units, per_layer(dropout, units), style, names=("head_dense{}", "head_dropout{}"))
    x = head_output(x, classes, output, style, multi_label)
    return _with_weights(keras.Model(pictures, x, name=getattr(own_base, "name", base)), weights or {})


def _pictures(image_size: tuple[int, int], kind: str, weights: Any) -> tuple[Any, Any]:
    """Returns the input and, preprocessed, what the base takes."""
    import keras

    if weights and kind == "gray":
        raise ConfigError("`preprocessing` must keep the three colours that the weights are for, received 'gray'")
    pictures = keras.Input((*image_size, 3), name="pictures")
    return pictures, preprocessing(kind)(pictures)


def _with_weights(model: Any, weights: Mapping[str, Sequence[Any]]) -> Any:
    for layer in model.layers:
        if arrays := weights.get(layer.name):
            layer.set_weights(arrays)
    return model


def _own(base: Any, x: Any) -> Any:
    """Applies copies of a functional or Sequential model's layers one by one, so that the classifier is flat."""

    def copied(path: str, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if "#" in path:
            raise ConfigError(f"`base` {base.name} must call each layer once, received {layer.name} twice")
        if layer.name in RESERVED or layer.name.startswith("head_"):
            raise ConfigError(f"`base` {base.name} must leave the names {', '.join(RESERVED)} and head_*: {layer.name}")
        if not hasattr(layer, "get_weights"):  # an operation, which has none
            return layer(*args, **kwargs)
        copy = type(layer).from_config(layer.get_config())
        made = copy(*args, **kwargs)
        copy.set_weights(layer.get_weights())
        return made

    try:
        x = walk(base, [x], copied)
    except ValueError as error:
        raise ConfigError(f"`base` {base.name} must take pictures of {x.shape[1:]}: {error}") from error
    if len(x.shape) != 4:
        raise ConfigError(f"`base` {base.name} must give feature maps (n, height, width, channels), received {x.shape}")
    return x


def _vector(x: Any, stages: Mapping[str, Any], pooling: str, dropout: float) -> Any:
    from keras import layers

    x = stage_averages(stages) if stages else pooled(x, pooling)
    return layers.Dropout(dropout, name="head_input_dropout")(x) if dropout else x


def check_base(base: str, image_size: tuple[int, int], own_base: Any = None) -> None:
    """Raises ConfigError for a base that there is not, or one that needs larger pictures."""
    if own_base is not None:
        return
    if base == OWN:
        raise ConfigError(f"`base` {OWN} is a keras.Model that a program gives: fine_tuning(..., base=model)")
    if base not in BACKBONES:
        raise ConfigError(f"`base` must be one of {', '.join(BACKBONES)}, received {base!r}")
    if min(image_size) < BACKBONES[base].smallest:
        raise ConfigError(
            f"`image_size` must be at least {BACKBONES[base].smallest} x {BACKBONES[base].smallest} for {base}, "
            f"received {image_size[0]} x {image_size[1]}"
        )


def _check_head(
    pooling: str, stages: Sequence[str] | None, own_base: Any, classes: int, *, output: str | None, multi_label: bool
) -> None:
    if pooling not in POOLINGS:
        raise ConfigError(f"`pooling` must be one of {', '.join(POOLINGS)}, received {pooling!r}")
    if stages and (pooling != "average" or own_base is not None):
        raise ConfigError("`stages` must go together with `pooling` average and a base that comes with kerasvgg")
    if classes < 2:
        raise ConfigError(f"`classes` must be at least 2, received {classes}")
    if output not in (None, *OUTPUTS):
        raise ConfigError(f"`output` must be one of {', '.join(OUTPUTS)}, or null, received {output!r}")
    if multi_label and output == "softmax":
        raise ConfigError("`output` must be sigmoid, or null, where pictures have several classes, received 'softmax'")
    if output == "sigmoid" and classes != 2 and not multi_label:
        raise ConfigError(f"`output` must be softmax for {classes} classes, received 'sigmoid', which is for two")
