"""The bases that a head can stand on, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from kerasvgg.models import cnn, vgg


@dataclass(frozen=True)
class Base:
    """`apply` maps a Keras tensor of pictures to one of feature maps; `smallest` is the least height and width."""

    apply: Callable[[Any], Any]
    smallest: int


BASES = {name: Base(partial(vgg.vgg, name), vgg.SMALLEST_INPUT) for name in vgg.CONVOLUTIONS} | {
    name: Base(partial(cnn.cnn, name), cnn.SMALLEST_INPUT[name]) for name in cnn.FILTERS
}
