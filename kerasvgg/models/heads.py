"""What stands on a base: its feature maps as one vector, dense layers, and the probabilities."""

from collections.abc import Mapping, Sequence
from typing import Any

from kerasvgg.backbones.backbone import Backbone
from kerasvgg.backbones.style import Style
from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.models.freezing import matches

POOLINGS = {"flatten": "Flatten", "average": "GlobalAveragePooling2D"}
OUTPUTS = ("sigmoid", "softmax")
OUTPUT_LAYER = "head_output"


def pooled(x: Any, pooling: str) -> Any:
    """Applies flattening or the average over all places to feature maps (n, height, width, channels)."""
    from keras import layers

    return getattr(layers, POOLINGS[pooling])(name=f"head_{pooling}")(x)


def stage_averages(maps: Mapping[str, Any]) -> Any:
    """Returns one vector (n, channels of all) of feature maps by stage: their averages, each of length 1, in a row."""
    from keras import layers

    vectors = []
    for stage, x in maps.items():
        average = layers.GlobalAveragePooling2D(name=f"head_average_{stage}")(x)
        vectors.append(layers.UnitNormalization(name=f"head_unit_{stage}")(average))
    return layers.Concatenate(name="head_concatenate")(vectors) if len(vectors) > 1 else vectors[0]


def stage_maps(backbone: Backbone, pictures: Any, x: Any, stages: Sequence[str]) -> dict[str, Any]:
    """Returns what each of the stages ends with, of a backbone that makes `x` of `pictures`, Keras tensors both.

    Raises ConfigError for a stage that it has not.
    """
    import keras

    if unknown := [stage for stage in stages if stage not in backbone.stages]:
        allowed = ", ".join(backbone.stages)
        raise ConfigError(f"`stages` must be among {allowed} for {backbone.name}, received {unknown[0]!r}")
    layers = keras.Model(pictures, x).layers
    ends = {stage: _last(layers, backbone.stages[stage]).output for stage in stages}
    return {stage: x if stage == list(backbone.stages)[-1] else end for stage, end in ends.items()}


def _last(layers: Sequence[Any], patterns: Sequence[str]) -> Any:
    return [layer for layer in layers if any(matches(layer.name, pattern) for pattern in patterns)][-1]


def dense_stack(x: Any, units: Sequence[int], dropouts: Sequence[float], style: Style, names: tuple[str, str]) -> Any:
    """Applies a dense layer of each width, and behind it dropout of its share unless that is 0, to (n, features).

    `names` are those of a dense layer and of a dropout, with {} for the number from 1.
    """
    from keras import layers

    for i, (width, dropout) in enumerate(zip(units, dropouts, strict=True), start=1):
        x = style.dense(x, width, name=names[0].format(i))
        if dropout:
            x = layers.Dropout(dropout, name=names[1].format(i))(x)
    return x


def per_layer(dropout: float | Sequence[float], units: Sequence[int]) -> Sequence[float]:
    """Returns the dropout behind each hidden layer. Raises ConfigError for a list of another length."""
    if not isinstance(dropout, Sequence):
        return [dropout] * len(units)
    if len(dropout) != len(units):
        raise ConfigError(f"`dropout` must be one share or one for each of {len(units)} units, received {dropout}")
    return dropout


def output(x: Any, classes: int, kind: str | None, style: Style, multi_label: bool = False) -> Any:
    """Applies the layer of the probabilities: one sigmoid unit for two classes, else, or if asked, a softmax.

    With `multi_label` it is a sigmoid unit for each class.
    """
    if multi_label:
        return style.dense(x, classes, name=OUTPUT_LAYER, activation="sigmoid")
    if classes == 2 and kind != "softmax":
        return style.dense(x, 1, name=OUTPUT_LAYER, activation="sigmoid")
    return style.dense(x, classes, name=OUTPUT_LAYER, activation="softmax")


def with_features(model: Any, width: int) -> Any:
    """Returns the model with another output before its own: what goes into its last layer, (n, width).

    Raises ModelFileError for a model that has no such layer.
    """
    import keras

    names = [layer.name for layer in model.layers]
    taken = model.get_layer(OUTPUT_LAYER).input if OUTPUT_LAYER in names else None
    if getattr(taken, "shape", None) != (None, width):
        received = "none" if taken is None else str(getattr(taken, "shape", "several"))
        raise ModelFileError(f"the model must have a layer `{OUTPUT_LAYER}` of {width:,} numbers, received {received}")
    return keras.Model(model.inputs, [taken, model.outputs[0]])
