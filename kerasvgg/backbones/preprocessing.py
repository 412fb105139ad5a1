"""What a network wants its pixels to be, as a built-in Keras layer inside the model."""

from collections.abc import Callable, Sequence
from typing import Any

from kerasvgg.errors import ConfigError

NAME = "preprocessing"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)  # the VGG authors' training mean
RGB = ((1, 0, 0), (0, 1, 0), (0, 0, 1))  # the channels as they come; backwards: BGR
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue in gray (ITU-R BT.601), as Pillow has it


def preprocessing(kind: str) -> Any:
    """Returns a built layer from RGB 0..255 to what the network wants.

    vgg: BGR minus the ImageNet mean, as the VGG weights want it. unit: 0..1. half: -1..1. gray: one channel, 0..1.
    bgr: BGR, 0..255. rgb_mean: RGB minus the ImageNet mean.
    """
    if kind not in KINDS:
        raise ConfigError(f"`preprocessing` must be one of {', '.join(KINDS)}, received {kind!r}")
    return KINDS[kind]()


def minus_mean(mean: Sequence[float]) -> Any:
    """Returns a built layer from RGB 0..255 to RGB minus the mean pixel `mean`."""
    return _frozen(RGB, [-one for one in mean])


def _vgg() -> Any:
    return _frozen(RGB[::-1], [-one for one in IMAGENET_MEAN_BGR])


def _bgr() -> Any:
    return _frozen(RGB[::-1], [0, 0, 0])


def _gray() -> Any:
    return _frozen([[one / 255] for one in LUMA], [0])


def _rgb_mean() -> Any:
    return minus_mean(IMAGENET_MEAN_BGR[::-1])


def _frozen(kernel: Sequence[Sequence[float]], bias: Sequence[float]) -> Any:
    """Returns a 1x1 convolution that stays as it is: `kernel` (in, out) mixes the channels, `bias` moves them."""
    import numpy as np
    from keras import layers

    layer = layers.Conv2D(len(bias), 1, name=NAME, trainable=False)
    layer.build((None, None, None, len(kernel)))
    layer.set_weights([np.array([[kernel]], np.float32), np.array(bias, np.float32)])
    return layer


def _unit() -> Any:
    from keras import layers

    return layers.Rescaling(1 / 255, name=NAME)


def _half() -> Any:
    from keras import layers

    return layers.Rescaling(1 / 127.5, offset=-1.0, name=NAME)


KINDS: dict[str, Callable[[], Any]] = {
    "vgg": _vgg,
    "unit": _unit,
    "half": _half,
    "gray": _gray,
    "bgr": _bgr,
    "rgb_mean": _rgb_mean,
}


WANTED = "vgg"
PRICES = {
    "unit": "it costs 7 points, measured on 2,000 cats and dogs with 3 seeds: 88.3 % (86.1 to 90.3) instead of "
    "95.6 % (93.7 to 97.3) of 1,000 test pictures",
}


def preprocessing_warning(weights: str | None, kind: str, accepted: bool = False) -> str | None:
    """Returns a warning of preprocessing that ImageNet's weights do not want, None if all is well or `accepted`.

    The price is the mean of three seeds of experiments/cats_and_dogs/feature_extraction.yaml, `book` beside `vgg`.
    """
    if not weights or kind == WANTED or accepted:
        return None
    price = PRICES.get(kind, "it costs accuracy; how much has not been measured")
    return (
        f"warning: VGG's imagenet weights were trained on preprocessing `{WANTED}`, not `{kind}`: {price}. "
        "`accept_preprocessing` says that it is meant"
    )
