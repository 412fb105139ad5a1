"""VGG's convolutions (Simonyan and Zisserman 2014, table 1), with keras.applications' layer names."""

from functools import partial
from typing import Any

from kerasvgg.backbones.backbone import Backbone, OfficialFile, halved_down_five_times
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


def convolutions(name: str) -> tuple[str, ...]:
    """Returns the names of a column's convolutions in order; each has a kernel (3, 3, in, out) and a bias (out,)."""
    blocks = enumerate(KERNELS[name], start=1)
    return tuple(f"block{block}_conv{i}" for block, sides in blocks for i in range(1, len(sides) + 1))


def _backbone(name: str, file: OfficialFile | None) -> Backbone:
    last = len(KERNELS[name][-1])
    return Backbone(
        name=name,
        apply=partial(vgg, name),
        preprocessing="vgg",
        channels=FILTERS[-1],
        stages={f"block{block}": (f"block{block}_*",) for block in range(1, len(FILTERS) + 1)},
        heatmap_layer=f"block5_conv{last}",
        side=halved_down_five_times,
        file=file,
        smallest=SMALLEST_INPUT,
        takes_style=True,
    )


def _official(name: str, md5: str, fingerprint: str | None = None) -> OfficialFile:
    return OfficialFile(
        name,
        f"{name}_weights_tf_dim_ordering_tf_kernels_notop.h5",
        md5,
        origin="VGG team, University of Oxford (Simonyan and Zisserman 2014), by way of keras.applications",
        licence="CC BY 4.0",
        fingerprint=fingerprint,
    )


VGG16 = "d9a27cc1fc7f975ef8cff49180e794ccd7c4bc868ebb49740803b3bbaa8dbefd"
OFFICIAL = {
    "vgg16": _official("vgg16", "6d6bbae143d832006294945121d1f1fc", VGG16),
    # No fingerprint of VGG19's arrays is known here, so only the official file itself is accepted.
    "vgg19": _official("vgg19", "253f8cb515780f3b799900260a226db6"),
}
VGGS = tuple(_backbone(name, OFFICIAL.get(name)) for name in KERNELS)
