"""VGG's convolutions (Simonyan and Zisserman 2014, table 1), with keras.applications' layer names."""

from typing import Any

from kerasvgg.backbones.style import PLAIN, Style

FILTERS = (64, 128, 256, 512, 512)
# The sides of the kernels, block by block.
KERNELS = {
    "vgg11": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "vgg11_lrn": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "vgg13": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "vgg16_c": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "vgg16": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "vgg19": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}
COLUMNS = {"A": "vgg11", "A-LRN": "vgg11_lrn", "B": "vgg13", "C": "vgg16_c", "D": "vgg16", "E": "vgg19"}
SMALLEST_INPUT = 32


def vgg(column: str, x: Any, style: Style = PLAIN) -> Any:
    """Applies the five blocks to a Keras tensor (n, height, width, 3) and returns (n, height/32, width/32, 512)."""
    from keras import layers

    for block, (filters, sides) in enumerate(zip(FILTERS, KERNELS[column], strict=True), start=1):
        for i, side in enumerate(sides, start=1):
            x = style.convolution(x, filters, side, name=f"block{block}_conv{i}")
        if column == "vgg11_lrn" and block == 1:
            x = _normalized(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
    return x


def _normalized(x: Any) -> Any:
    from kerasvgg.backbones.local_response import LocalResponseNormalization

    return LocalResponseNormalization(name="block1_lrn")(x)
