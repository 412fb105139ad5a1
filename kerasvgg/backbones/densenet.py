"""DenseNet121 (Huang et al. 2017), with keras.applications' layer names."""

from typing import Any

from kerasvgg.backbones.backbone import Backbone, OfficialFile

BLOCKS = {"conv2": 6, "conv3": 12, "conv4": 24, "conv5": 16}  # how many there are at each resolution
GROWTH = 32  # the feature maps that a block adds to those before it
EPSILON = 1.001e-5


def densenet121(x: Any) -> Any:
    """Applies the layers to a Keras tensor (n, h, w, 3), preprocessed as `torch`, and returns (n, h/32, w/32, 1024).

    The first two strides round up, the last three leave out what is over.
    """
    from keras import layers

    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = _normalized(x, "conv1_")
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1")(x)
    for stack, (name, blocks) in enumerate(BLOCKS.items(), start=1):
        if stack > 1:
            x = _transition(x, f"pool{stack}")
        for i in range(1, blocks + 1):
            x = _block(x, f"{name}_block{i}")
    return _normalized(x, "")


def _block(x: Any, name: str) -> Any:
    from keras import layers

    added = _normalized(x, f"{name}_0_")
    added = layers.Conv2D(4 * GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(added)
    added = _normalized(added, f"{name}_1_")
    added = layers.Conv2D(GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(added)
    return layers.Concatenate(name=f"{name}_concat")([x, added])


def _transition(x: Any, name: str) -> Any:
    """Halves the feature maps, in number and in size."""
    from keras import layers

    x = _normalized(x, f"{name}_")
    x = layers.Conv2D(x.shape[-1] // 2, 1, use_bias=False, name=f"{name}_conv")(x)
    return layers.AveragePooling2D(2, strides=2, name=f"{name}_pool")(x)


def _normalized(x: Any, prefix: str) -> Any:
    from keras import layers

    x = layers.BatchNormalization(epsilon=EPSILON, name=f"{prefix}bn")(x)
    return layers.Activation("relu", name=f"{prefix}relu")(x)


DENSENET121 = Backbone(
    name="densenet121",
    apply=densenet121,
    preprocessing="torch",
    channels=1024,
    stages={
        "stage1": ("conv1_*",),
        "stage2": ("conv2_*",),
        "stage3": ("pool2_*", "conv3_*"),
        "stage4": ("pool3_*", "conv4_*"),
        "stage5": ("pool4_*", "conv5_*", "bn"),
    },
    heatmap_layer="relu",
    file=OfficialFile(
        "densenet",
        "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "30ee3e1110167f948a6b9946edeeb738",
        origin="the authors' DenseNet (Huang et al. 2017), by way of keras.applications",
        licence="BSD-3-Clause",
    ),
    side=lambda side: -(-side // 4) // 8,
)
