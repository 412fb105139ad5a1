"""The bases that a head can stand on, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from kerasvgg.backbones import small_cnn as cnn
from kerasvgg.backbones import vgg


@dataclass(frozen=True)
class Backbone:
    """`apply` maps a Keras tensor of pictures, and a `Style` if it is not the plain one, to one of feature maps.

    `smallest` is the least height and width, `channels` the number of feature maps, and `side` gives their height for
    that of the pictures.
    """

    apply: Callable[..., Any]
    smallest: int
    channels: int
    side: Callable[[int], int]


def _halved_five_times(side: int) -> int:
    return side // 32


BACKBONES = {
    name: Backbone(partial(vgg.vgg, name), vgg.SMALLEST_INPUT, vgg.FILTERS[-1], _halved_five_times)
    for name in vgg.KERNELS
} | {
    name: Backbone(partial(cnn.cnn, name), cnn.SMALLEST_INPUT[name], net.filters[-1], net.side)
    for name, net in cnn.NETS.items()
}
OWN = "own"  # what an experiment calls a keras.Model that a program has given as base
