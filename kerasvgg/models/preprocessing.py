"""What a network wants its pixels to be, as a built-in Keras layer inside the model."""

from collections.abc import Callable
from typing import Any

from kerasvgg.errors import ConfigError

NAME = "preprocessing"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)  # the VGG authors' training mean


def preprocessing(kind: str) -> Any:
    """Returns a built layer from RGB 0..255 to what the network wants.

    vgg: BGR minus the ImageNet mean, as the VGG weights want it. unit: 0..1. half: -1..1.
    """
    if kind not in KINDS:
        raise ConfigError(f"`preprocessing` must be one of {', '.join(KINDS)}, received {kind!r}")
    return KINDS[kind]()


def _vgg() -> Any:
    import numpy as np
    from keras import layers

    # A frozen 1x1 convolution: its kernel swaps the channels, its bias takes the mean away.
    layer = layers.Conv2D(3, 1, name=NAME, trainable=False)
    layer.build((None, None, None, 3))
    swap = np.eye(3, dtype=np.float32)[::-1]
    layer.set_weights([swap.reshape(1, 1, 3, 3), -np.array(IMAGENET_MEAN_BGR, dtype=np.float32)])
    return layer


def _unit() -> Any:
    from keras import layers

    return layers.Rescaling(1 / 255, name=NAME)


def _half() -> Any:
    from keras import layers

    return layers.Rescaling(1 / 127.5, offset=-1.0, name=NAME)


KINDS: dict[str, Callable[[], Any]] = {"vgg": _vgg, "unit": _unit, "half": _half}
