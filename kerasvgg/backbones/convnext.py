"""ConvNeXt-Tiny (Liu et al. 2022), with keras.applications' layer names, but flat."""

from typing import Any

from kerasvgg.backbones.backbone import Backbone, OfficialFile, halved_down_five_times

NAME = "convnext_tiny"
FILTERS = (96, 192, 384, 768)
BLOCKS = (3, 3, 9, 3)
EPSILON = 1e-6
LAYER_SCALE = 1e-6  # at the start of a training from scratch


def convnext_tiny(x: Any) -> Any:
    """Applies the layers to a normalised Keras tensor (n, h, w, 3) and returns (n, h/32, w/32, 768), rounded down.

    The last layer is the normalisation that keras.applications puts after the feature maps when there is no top.
    """
    from keras import layers

    x = layers.Conv2D(FILTERS[0], 4, strides=4, name=f"{NAME}_stem_conv")(x)
    x = _normalized(x, f"{NAME}_stem_layernorm")
    for i, (filters, blocks) in enumerate(zip(FILTERS, BLOCKS, strict=True)):
        if i:
            x = _normalized(x, f"{NAME}_downsampling_layernorm_{i - 1}")
            x = layers.Conv2D(filters, 2, strides=2, name=f"{NAME}_downsampling_conv_{i - 1}")(x)
        for j in range(blocks):
            x = _block(x, filters, f"{NAME}_stage_{i}_block_{j}")
    return _normalized(x, f"{NAME}_layernorm")


def _block(x: Any, filters: int, name: str) -> Any:
    from keras import initializers, layers

    shortcut = x
    # Not a convolution in as many groups as channels: that one is slow on CPUs.
    x = layers.DepthwiseConv2D(7, padding="same", name=f"{name}_depthwise_conv")(x)
    x = _normalized(x, f"{name}_layernorm")
    x = layers.Dense(4 * filters, name=f"{name}_pointwise_conv_1")(x)
    x = layers.Activation("gelu", name=f"{name}_gelu")(x)
    x = layers.Dense(filters, name=f"{name}_pointwise_conv_2")(x)
    # One weight per channel, without a layer of our own.
    scale = layers.DepthwiseConv2D(
        1, use_bias=False, depthwise_initializer=initializers.Constant(LAYER_SCALE), name=f"{name}_layer_scale"
    )
    return layers.Add(name=f"{name}_add")([shortcut, scale(x)])


def _normalized(x: Any, name: str) -> Any:
    from keras import layers

    return layers.LayerNormalization(epsilon=EPSILON, name=name)(x)


CONVNEXT_TINY = Backbone(
    name=NAME,
    apply=convnext_tiny,
    preprocessing="torch",
    channels=FILTERS[-1],
    stages={
        "stage1": (f"{NAME}_stem_*", f"{NAME}_stage_0_*"),
        "stage2": (f"{NAME}_downsampling_*_0", f"{NAME}_stage_1_*"),
        "stage3": (f"{NAME}_downsampling_*_1", f"{NAME}_stage_2_*"),
        "stage4": (f"{NAME}_downsampling_*_2", f"{NAME}_stage_3_*", f"{NAME}_layernorm"),
    },
    heatmap_layer=f"{NAME}_layernorm",
    file=OfficialFile(
        "convnext",
        "convnext_tiny_notop.h5",
        "d547c096cabd03329d7be5562c5e14798aa39ed24b474157cef5e85ab9e49ef1",
        origin="Facebook's ConvNeXt (Liu et al. 2022), by way of keras.applications",
        licence="MIT",
        algorithm="sha256",
    ),
    side=halved_down_five_times,
)
