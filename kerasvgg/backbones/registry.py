"""The pretrained backbones, by name."""

from kerasvgg.backbones.convnext import CONVNEXT_TINY
from kerasvgg.backbones.efficientnet_v2 import (
    EFFICIENTNETV2_B0,
    EFFICIENTNETV2_B1,
    EFFICIENTNETV2_B2,
    EFFICIENTNETV2_B3,
)
from kerasvgg.backbones.mobilenet_v3 import MOBILENETV3_LARGE
from kerasvgg.backbones.resnet_v2 import RESNET50V2

BACKBONES = {
    backbone.name: backbone
    for backbone in (
        RESNET50V2,
        MOBILENETV3_LARGE,
        EFFICIENTNETV2_B0,
        EFFICIENTNETV2_B1,
        EFFICIENTNETV2_B2,
        EFFICIENTNETV2_B3,
        CONVNEXT_TINY,
    )
}
