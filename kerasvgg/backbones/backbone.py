"""What is known of a backbone, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kerasvgg.backbones.style import PLAIN, Style

ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications"
APACHE = "Apache-2.0"


@dataclass(frozen=True)
class OfficialFile:
    """keras.applications' file of weights without the top layers: `folder` and `name` below Keras' address.

    `checksum` is what keras.applications itself demands of the file, by `algorithm`. `licence` is that of the weights.
    `fingerprint` is the SHA-256 over the arrays, where it is known: then they are accepted in any container.
    """

    folder: str
    name: str
    checksum: str
    origin: str
    licence: str
    algorithm: Literal["md5", "sha256"] = "md5"
    fingerprint: str | None = None

    @property
    def url(self) -> str:
        """Keras' own address of the file."""
        return f"{ADDRESS}/{self.folder}/{self.name}"


@dataclass(frozen=True)
class Backbone:
    """`apply` maps a Keras tensor of preprocessed pictures (n, height, width, 3) to one of feature maps.

    `preprocessing` is the kind that the weights in `file` want, `channels` the number of feature maps, `side` gives
    their height for that of the pictures, and `smallest` is the least height and width of these.
    `stages` are the layers by stage, from the pictures on, as patterns (fnmatch) of their names. Each pattern has
    layers with weights, and each layer with weights has one stage. A stage is what belongs to one resolution, with the
    layers that lead to it; the stem belongs to the first one, and what follows the last block to the last. VGG's are
    block1 to block5, the others' stage1 to stage5 (ConvNeXt's to stage4). `heatmap_layer` makes the last
    feature maps. With `takes_style`, `apply` takes a `Style` too: how its layers are made.
    """

    name: str
    apply: Callable[..., Any]
    preprocessing: str
    channels: int
    stages: Mapping[str, tuple[str, ...]]
    heatmap_layer: str
    side: Callable[[int], int]
    file: OfficialFile | None = None
    smallest: int = 32
    takes_style: bool = False

    def __call__(self, x: Any, style: Style = PLAIN) -> Any:
        """Applies the layers to a Keras tensor (n, height, width, 3)."""
        return self.apply(x, style) if self.takes_style else self.apply(x)


def halved_up_five_times(side: int) -> int:
    """Returns the height of feature maps whose strides all round up."""
    return -(-side // 32)


def halved_down_five_times(side: int) -> int:
    """Returns the height of feature maps whose strides leave out what is over."""
    return side // 32
