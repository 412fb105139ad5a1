"""ResNet50V2 (He et al. 2016, Identity Mappings in Deep Residual Networks), with keras.applications' layer names."""

from typing import Any

from kerasvgg.backbones.backbone import Backbone, OfficialFile, halved_up_five_times

# The filters in the middle of a block, the number of blocks, and the stride of the last of them.
STACKS = {"conv2": (64, 3, 2), "conv3": (128, 4, 2), "conv4": (256, 6, 2), "conv5": (512, 3, 1)}
EPSILON = 1.001e-5


def resnet50v2(x: Any) -> Any:
    """Applies the layers to a Keras tensor (n, h, w, 3) of -1..1 and returns (n, h/32, w/32, 2048), rounded up."""
    from keras import layers

    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = layers.Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
    x = layers.MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    for stack, (filters, blocks, stride) in STACKS.items():
        for i in range(1, blocks + 1):
            x = _block(x, filters, stride if i == blocks else 1, widens=i == 1, name=f"{stack}_block{i}")
    return _normalized(x, "post")


def _block(x: Any, filters: int, stride: int, *, widens: bool, name: str) -> Any:
    from keras import layers

    shortcut, x = x, _normalized(x, f"{name}_preact")
    if widens:
        shortcut = layers.Conv2D(4 * filters, 1, strides=stride, name=f"{name}_0_conv")(x)
    elif stride > 1:
        shortcut = layers.MaxPooling2D(1, strides=stride, name=f"{name}_0_pool")(shortcut)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_1_conv")(x)
    x = _normalized(x, f"{name}_1")
    x = layers.ZeroPadding2D(1, name=f"{name}_2_pad")(x)
    x = layers.Conv2D(filters, 3, strides=stride, use_bias=False, name=f"{name}_2_conv")(x)
    x = _normalized(x, f"{name}_2")
    x = layers.Conv2D(4 * filters, 1, name=f"{name}_3_conv")(x)
    return layers.Add(name=f"{name}_out")([shortcut, x])


def _normalized(x: Any, name: str) -> Any:
    from keras import layers

    x = layers.BatchNormalization(epsilon=EPSILON, name=f"{name}_bn")(x)
    return layers.Activation("relu", name=f"{name}_relu")(x)


RESNET50V2 = Backbone(
    name="resnet50v2",
    apply=resnet50v2,
    preprocessing="half",
    channels=2048,
    stages={
        "stage1": ("conv1_*",),
        "stage2": ("conv2_*",),
        "stage3": ("conv3_*",),
        "stage4": ("conv4_*",),
        "stage5": ("conv5_*", "post_*"),
    },
    heatmap_layer="post_relu",
    file=OfficialFile(
        "resnet",
        "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "fac2f116257151a9d068a22e544a4917",
        origin="Facebook's fb.resnet.torch (He et al. 2016), by way of keras.applications",
        licence="BSD-3-Clause",
    ),
    side=halved_up_five_times,
)
