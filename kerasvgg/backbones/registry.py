"""The bases that a head can stand on, by name: one line for each, or for each family of one shape."""

from kerasvgg.backbones.backbone import Backbone
from kerasvgg.backbones.convnext import CONVNEXT_TINY
from kerasvgg.backbones.densenet import DENSENET121
from kerasvgg.backbones.efficientnet_v2 import (
    EFFICIENTNETV2_B0,
    EFFICIENTNETV2_B1,
    EFFICIENTNETV2_B2,
    EFFICIENTNETV2_B3,
)
from kerasvgg.backbones.mobilenet import MOBILENETS
from kerasvgg.backbones.mobilenet_v3 import MOBILENETV3_LARGE
from kerasvgg.backbones.resnet_v2 import RESNET50V2
from kerasvgg.backbones.small_cnn import SMALL_CNNS
from kerasvgg.backbones.vgg import VGGS

BACKBONES: dict[str, Backbone] = {
    backbone.name: backbone
    for backbone in (
        *SMALL_CNNS,
        *VGGS,
        RESNET50V2,
        MOBILENETV3_LARGE,
        EFFICIENTNETV2_B0,
        EFFICIENTNETV2_B1,
        EFFICIENTNETV2_B2,
        EFFICIENTNETV2_B3,
        CONVNEXT_TINY,
        DENSENET121,
        *MOBILENETS,
    )
}
PRETRAINED = {name: backbone.file for name, backbone in BACKBONES.items() if backbone.file}
OWN = "own"  # what an experiment calls a keras.Model that a program has given as base
PRICES = {
    ("vgg", "unit"): "it costs 7 points, measured on 2,000 cats and dogs with 3 seeds: 88.3 % (86.1 to 90.3) instead "
    "of 95.6 % (93.7 to 97.3) of 1,000 test pictures",
}


def preprocessing_warning(base: str, weights: str | None, kind: str, accepted: bool = False) -> str | None:
    """Returns a warning of preprocessing that ImageNet's weights do not want, None if all is well or `accepted`.

    The price is the mean of three seeds of experiments/cats_and_dogs/feature_extraction.yaml, `book` beside `vgg`.
    """
    wanted = BACKBONES[base].preprocessing if base in BACKBONES else kind
    if not weights or kind == wanted or accepted:
        return None
    price = PRICES.get((wanted, kind), "it costs accuracy; how much has not been measured")
    name = "VGG" if base.startswith("vgg") else base
    return (
        f"warning: {name}'s imagenet weights were trained on preprocessing `{wanted}`, not `{kind}`: {price}. "
        "`accept_preprocessing` says that it is meant"
    )
