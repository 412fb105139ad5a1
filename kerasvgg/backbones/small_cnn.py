"""The small convolutional networks that learn from scratch."""

from functools import partial
from typing import Any, NamedTuple

from kerasvgg.backbones.backbone import Backbone
from kerasvgg.backbones.style import PLAIN, Style


class Net(NamedTuple):
    """3x3 convolutions with relu, the first `pools` of them followed by 2x2 max pooling; the paddings are Keras'."""

    filters: tuple[int, ...]
    pools: int
    padding: str = "valid"
    pool_padding: str = "valid"

    def side(self, side: int) -> int:
        """Returns the height of what it makes of a picture of that height; width likewise."""
        for i in range(len(self.filters)):
            side -= 2 * (self.padding == "valid")
            if i < self.pools:
                side = (side + (self.pool_padding == "same")) // 2
        return side


NETS = {
    "small_cnn": Net((32, 64, 128, 128), pools=4),
    "mnist_cnn": Net((32, 64, 64), pools=2),
    "gender_cnn": Net((16, 32, 64), pools=3, padding="same", pool_padding="same"),
    "expression_cnn": Net((64, 128, 256), pools=3, padding="same"),
}
SMALLEST_INPUT = {name: next(side for side in range(1, 99) if net.side(side) > 0) for name, net in NETS.items()}


def cnn(name: str, x: Any, style: Style = PLAIN) -> Any:
    """Applies the network's convolutions and poolings to a Keras tensor (n, height, width, channels)."""
    from keras import layers

    net = NETS[name]
    for i, filters in enumerate(net.filters, start=1):
        x = style.convolution(x, filters, 3, name=f"conv{i}", padding=net.padding)
        if i <= net.pools:
            x = layers.MaxPooling2D(2, padding=net.pool_padding, name=f"pool{i}")(x)
    return x


def _backbone(name: str) -> Backbone:
    net = NETS[name]
    return Backbone(
        name=name,
        apply=partial(cnn, name),
        preprocessing="unit",
        channels=net.filters[-1],
        stages={f"conv{i}": (f"conv{i}",) for i in range(1, len(net.filters) + 1)},
        heatmap_layer=f"conv{len(net.filters)}",
        side=net.side,
        smallest=SMALLEST_INPUT[name],
        takes_style=True,
    )


SMALL_CNNS = tuple(map(_backbone, NETS))
