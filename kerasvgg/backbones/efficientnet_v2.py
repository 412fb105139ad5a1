"""EfficientNetV2-B0 to B3 (Tan and Le 2021), with keras.applications' layer names."""

from functools import partial
from math import ceil
from typing import Any, NamedTuple

from kerasvgg.backbones.backbone import APACHE, Backbone, OfficialFile, halved_up_five_times


class Group(NamedTuple):
    """So many blocks, of which the first has the stride; `fused` ones have no depthwise convolution.

    Those that are not fused have squeeze and excitation.
    """

    repeats: int
    filters: int
    expansion: int
    stride: int
    fused: bool


GROUPS = (
    Group(1, 16, 1, 1, True),
    Group(2, 32, 4, 2, True),
    Group(2, 48, 4, 2, True),
    Group(3, 96, 4, 2, False),
    Group(5, 112, 6, 1, False),
    Group(8, 192, 6, 2, False),
)
STEM, TOP = 32, 1280
DROP = 0.2  # of residual branches, at the very end; less before
SWISH = "swish"
# How much wider and deeper than B0.
SCALES = {"b0": (1.0, 1.0), "b1": (1.0, 1.1), "b2": (1.1, 1.2), "b3": (1.2, 1.4)}


def efficientnetv2(size: str, x: Any) -> Any:
    """Applies the layers of b0, b1, b2 or b3 to a normalised Keras tensor (n, h, w, 3).

    Returns (n, h/32, w/32, filters), rounded up; filters are 1280, and more for b2 and b3.
    """
    width, depth = SCALES[size]
    x = _convolution(x, _filters(STEM, width), 3, 2, name="stem_conv")
    x = _normalized(x, "stem_bn", "stem_activation")
    number, repeats_of_b0 = 0, float(sum(group.repeats for group in GROUPS))
    for i, group in enumerate(GROUPS, start=1):
        scaled = group._replace(filters=_filters(group.filters, width))
        for j in range(ceil(depth * group.repeats)):
            # Deeper networks drop more than DROP at their end, because theirs counts in B0's blocks too.
            drop = DROP * number / repeats_of_b0
            x = _block(x, scaled._replace(stride=1) if j else scaled, drop, f"block{i}{chr(ord('a') + j)}_")
            number += 1
    x = _convolution(x, _filters(TOP, width), 1, name="top_conv")
    return _normalized(x, "top_bn", "top_activation")


def _block(x: Any, group: Group, drop: float, prefix: str) -> Any:
    from keras import layers

    shortcut = x
    x = (_fused if group.fused else _depthwise)(x, group, prefix)
    if group.stride == 1 and shortcut.shape[-1] == group.filters:
        if drop:
            x = layers.Dropout(drop, noise_shape=(None, 1, 1, 1), name=f"{prefix}drop")(x)
        x = layers.Add(name=f"{prefix}add")([x, shortcut])
    return x


def _fused(x: Any, group: Group, prefix: str) -> Any:
    if group.expansion == 1:
        x = _convolution(x, group.filters, 3, group.stride, name=f"{prefix}project_conv")
        return _normalized(x, f"{prefix}project_bn", f"{prefix}project_activation")
    x = _convolution(x, x.shape[-1] * group.expansion, 3, group.stride, name=f"{prefix}expand_conv")
    x = _normalized(x, f"{prefix}expand_bn", f"{prefix}expand_activation")
    x = _convolution(x, group.filters, 1, name=f"{prefix}project_conv")
    return _normalized(x, f"{prefix}project_bn")


def _depthwise(x: Any, group: Group, prefix: str) -> Any:
    from keras import layers

    squeezed = max(1, x.shape[-1] // 4)
    x = _convolution(x, x.shape[-1] * group.expansion, 1, name=f"{prefix}expand_conv")
    x = _normalized(x, f"{prefix}expand_bn", f"{prefix}expand_activation")
    x = layers.DepthwiseConv2D(
        3,
        strides=group.stride,
        padding="same",
        use_bias=False,
        depthwise_initializer=_initializer(),
        name=f"{prefix}dwconv2",
    )(x)
    x = _normalized(x, f"{prefix}bn", f"{prefix}activation")
    x = _squeeze_excite(x, squeezed, f"{prefix}se_")
    x = _convolution(x, group.filters, 1, name=f"{prefix}project_conv")
    return _normalized(x, f"{prefix}project_bn")


def _squeeze_excite(x: Any, squeezed: int, prefix: str) -> Any:
    from keras import layers

    wide = x.shape[-1]
    weight = layers.GlobalAveragePooling2D(name=f"{prefix}squeeze")(x)
    weight = layers.Reshape((1, 1, wide), name=f"{prefix}reshape")(weight)
    for filters, activation, name in ((squeezed, SWISH, "reduce"), (wide, "sigmoid", "expand")):
        weight = layers.Conv2D(
            filters,
            1,
            padding="same",
            activation=activation,
            kernel_initializer=_initializer(),
            name=f"{prefix}{name}",
        )(weight)
    return layers.Multiply(name=f"{prefix}excite")([x, weight])


def _convolution(x: Any, filters: int, side: int, stride: int = 1, *, name: str) -> Any:
    from keras import layers

    return layers.Conv2D(
        filters, side, strides=stride, padding="same", use_bias=False, kernel_initializer=_initializer(), name=name
    )(x)


def _normalized(x: Any, name: str, activation: str = "") -> Any:
    from keras import layers

    x = layers.BatchNormalization(momentum=0.9, name=name)(x)
    return layers.Activation(SWISH, name=activation)(x) if activation else x


def _initializer() -> Any:
    from keras import initializers

    return initializers.VarianceScaling(2.0, "fan_out", "truncated_normal")


def _filters(of_b0: int, width: float) -> int:
    return max(8, int(of_b0 * width + 4) // 8 * 8)


def _backbone(size: str, md5: str) -> Backbone:
    return Backbone(
        name=f"efficientnetv2_{size}",
        apply=partial(efficientnetv2, size),
        preprocessing="torch",
        channels=_filters(TOP, SCALES[size][0]),
        stages={
            "stage1": ("stem_*", "block1*"),
            "stage2": ("block2*",),
            "stage3": ("block3*",),
            "stage4": ("block4*", "block5*"),  # block5 goes on in block4's resolution
            "stage5": ("block6*", "top_*"),
        },
        heatmap_layer="top_activation",
        file=OfficialFile(
            "efficientnet_v2",
            f"efficientnetv2-{size}_notop.h5",
            md5,
            origin="Google (Tan and Le 2021), by way of keras.applications",
            licence=APACHE,
        ),
        side=halved_up_five_times,
    )


EFFICIENTNETV2_B0 = _backbone("b0", "893217f2bb855e2983157299931e43ff")
EFFICIENTNETV2_B1 = _backbone("b1", "0e80663031ca32d657f9caa404b6ec37")
EFFICIENTNETV2_B2 = _backbone("b2", "1dfe2e7a5d45b6632553a8961ea609eb")
EFFICIENTNETV2_B3 = _backbone("b3", "f6abf7b5849ac99a89b50dd3fd532856")
