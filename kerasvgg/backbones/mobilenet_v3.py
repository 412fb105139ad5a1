"""MobileNetV3-Large (Howard et al. 2019), with keras.applications' layer names."""

from typing import Any, NamedTuple

from kerasvgg.backbones.backbone import APACHE, Backbone, OfficialFile, halved_up_five_times

HARD_SWISH = "hard_silu"  # Keras' name of it
RELU = "relu"


class Block(NamedTuple):
    """An inverted residual block; its input is widened by `expansion`, and `squeeze` is for squeeze and excitation."""

    expansion: float
    filters: int
    kernel: int
    stride: int
    squeeze: bool
    activation: str


BLOCKS = (
    Block(1, 16, 3, 1, False, RELU),
    Block(4, 24, 3, 2, False, RELU),
    Block(3, 24, 3, 1, False, RELU),
    Block(3, 40, 5, 2, True, RELU),
    Block(3, 40, 5, 1, True, RELU),
    Block(3, 40, 5, 1, True, RELU),
    Block(6, 80, 3, 2, False, HARD_SWISH),
    Block(2.5, 80, 3, 1, False, HARD_SWISH),
    Block(2.3, 80, 3, 1, False, HARD_SWISH),
    Block(2.3, 80, 3, 1, False, HARD_SWISH),
    Block(6, 112, 3, 1, True, HARD_SWISH),
    Block(6, 112, 3, 1, True, HARD_SWISH),
    Block(6, 160, 5, 2, True, HARD_SWISH),
    Block(6, 160, 5, 1, True, HARD_SWISH),
    Block(6, 160, 5, 1, True, HARD_SWISH),
)


def mobilenetv3_large(x: Any) -> Any:
    """Applies the layers to a Keras tensor (n, h, w, 3) of -1..1 and returns (n, h/32, w/32, 960), rounded up."""
    from keras import layers

    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False, name="conv")(x)
    x = _normalized(x, "conv", HARD_SWISH)
    for i, block in enumerate(BLOCKS):
        x = _apply(block, x, f"expanded_conv_{i}_" if i else "expanded_conv_")
    x = layers.Conv2D(6 * x.shape[-1], 1, padding="same", use_bias=False, name="conv_1")(x)
    return _normalized(x, "conv_1", HARD_SWISH)


def _apply(block: Block, x: Any, prefix: str) -> Any:
    from keras import layers

    shortcut, wide = x, _multiple_of_8(x.shape[-1] * block.expansion)
    if block.expansion != 1:
        x = layers.Conv2D(wide, 1, padding="same", use_bias=False, name=f"{prefix}expand")(x)
        x = _normalized(x, f"{prefix}expand", block.activation)
    if block.stride == 2:
        x = layers.ZeroPadding2D(_padding(x, block.kernel), name=f"{prefix}depthwise_pad")(x)
    x = layers.DepthwiseConv2D(
        block.kernel,
        strides=block.stride,
        padding="same" if block.stride == 1 else "valid",
        use_bias=False,
        name=f"{prefix}depthwise",
    )(x)
    x = _normalized(x, f"{prefix}depthwise", block.activation)
    if block.squeeze:
        x = _squeeze_excite(x, prefix)
    x = layers.Conv2D(block.filters, 1, padding="same", use_bias=False, name=f"{prefix}project")(x)
    x = _normalized(x, f"{prefix}project")
    if block.stride == 1 and shortcut.shape[-1] == block.filters:
        x = layers.Add(name=f"{prefix}add")([shortcut, x])
    return x


def _squeeze_excite(x: Any, prefix: str) -> Any:
    from keras import layers

    wide, prefix = x.shape[-1], f"{prefix}squeeze_excite_"
    weight = layers.GlobalAveragePooling2D(keepdims=True, name=f"{prefix}avg_pool")(x)
    weight = layers.Conv2D(_multiple_of_8(wide / 4), 1, padding="same", name=f"{prefix}conv")(weight)
    weight = layers.ReLU(name=f"{prefix}relu")(weight)
    weight = layers.Conv2D(wide, 1, padding="same", name=f"{prefix}conv_1")(weight)
    weight = layers.Activation("hard_sigmoid", name=f"{prefix}hard_sigmoid")(weight)
    return layers.Multiply(name=f"{prefix}mul")([x, weight])


def _normalized(x: Any, name: str, activation: str = "") -> Any:
    from keras import layers

    x = layers.BatchNormalization(epsilon=1e-3, momentum=0.999, name=f"{name}_bn")(x)
    return layers.Activation(activation, name=f"{name}_activation")(x) if activation else x


def _padding(x: Any, kernel: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Returns what TensorFlow's stride of 2 pads: a row less above for an even height, a column less for a width.

    A size that is not known yet counts as even, as it does in keras.applications.
    """
    height, width = (kernel // 2 - (side is None or side % 2 == 0) for side in x.shape[1:3])
    return (height, kernel // 2), (width, kernel // 2)


def _multiple_of_8(filters: float) -> int:
    near = max(8, int(filters + 4) // 8 * 8)
    return near + 8 if near < 0.9 * filters else near


MOBILENETV3_LARGE = Backbone(
    name="mobilenetv3_large",
    apply=mobilenetv3_large,
    preprocessing="half",
    channels=960,
    stages={
        # Not `conv`, because kerasvgg takes a pattern for the beginning of a name too, and that is conv_1's.
        "stage1": ("con[v]", "conv_[a-z]*", "expanded_conv_[a-z]*"),
        "stage2": ("expanded_conv_[12]_*",),
        "stage3": ("expanded_conv_[345]_*",),
        "stage4": ("expanded_conv_[6789]_*", "expanded_conv_1[01]_*"),
        "stage5": ("expanded_conv_1[234]_*", "conv_1", "conv_1_*"),
    },
    heatmap_layer="conv_1_activation",
    file=OfficialFile(
        "mobilenet_v3",
        "weights_mobilenet_v3_large_224_1.0_float_no_top_v2.h5",
        "07fb09a5933dd0c8eaafa16978110389",
        origin="Google (Howard et al. 2019), by way of keras.applications",
        licence=APACHE,
    ),
    side=halved_up_five_times,
)
