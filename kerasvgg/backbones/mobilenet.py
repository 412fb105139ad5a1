"""MobileNet (Howard et al. 2017) in two widths, with keras.applications' layer names: a student's few weights."""

from functools import partial
from typing import Any

from kerasvgg.backbones.backbone import Backbone

STEM = 32  # filters of the first convolution, at full width
# Filters and stride of each block, a depthwise and a pointwise convolution, at full width.
BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1))
STAGES = {
    "stage1": ("conv1*", "conv_[dp]w_1", "conv_[dp]w_1_bn"),
    "stage2": ("conv_[dp]w_[23]", "conv_[dp]w_[23]_bn"),
    "stage3": ("conv_[dp]w_[45]", "conv_[dp]w_[45]_bn"),
    "stage4": ("conv_[dp]w_[6789]", "conv_[dp]w_[6789]_bn", "conv_[dp]w_1[01]", "conv_[dp]w_1[01]_bn"),
    "stage5": ("conv_[dp]w_1[23]", "conv_[dp]w_1[23]_bn"),
}


def mobilenet(width: float, x: Any) -> Any:
    """Applies the layers to a Keras tensor (n, h, w, 3) of -1..1; returns (n, `side` of h, of w, 1024 width)."""
    from keras import layers

    x = layers.Conv2D(int(STEM * width), 3, strides=2, padding="same", use_bias=False, name="conv1")(x)
    x = _normalized(x, "conv1")
    for number, (filters, stride) in enumerate(BLOCKS, start=1):
        name = f"conv_dw_{number}"
        if stride == 2:
            x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
        padding = "same" if stride == 1 else "valid"
        x = layers.DepthwiseConv2D(3, strides=stride, padding=padding, use_bias=False, name=name)(x)
        x = _normalized(x, name)
        name = f"conv_pw_{number}"
        x = layers.Conv2D(int(filters * width), 1, padding="same", use_bias=False, name=name)(x)
        x = _normalized(x, name)
    return x


def _normalized(x: Any, name: str) -> Any:
    from keras import layers

    x = layers.BatchNormalization(name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def side(side: int) -> int:
    """Returns the height of what it makes of a picture of that height: half of it rounded up, then four times down."""
    return -(-side // 2) // 16


def _backbone(name: str, width: float) -> Backbone:
    return Backbone(
        name=name,
        apply=partial(mobilenet, width),
        preprocessing="half",
        channels=int(BLOCKS[-1][0] * width),
        stages=STAGES,
        heatmap_layer="conv_pw_13_relu",
        side=side,
    )


MOBILENETS = (_backbone("mobilenet_050", 0.5), _backbone("mobilenet_025", 0.25))
