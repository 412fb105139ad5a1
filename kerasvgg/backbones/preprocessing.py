"""What a network wants its pixels to be, as a built-in Keras layer inside the model."""

from collections.abc import Callable, Sequence
from typing import Any

from kerasvgg.errors import ConfigError

NAME = "preprocessing"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)  # the VGG authors' training mean
RGB = ((1, 0, 0), (0, 1, 0), (0, 0, 1))  # the channels as they come; backwards: BGR
IMAGENET_MEAN_RGB = (0.485, 0.456, 0.406)  # of values 0..1, as keras.applications' mode torch has it
IMAGENET_DEVIATION_RGB = (0.229, 0.224, 0.225)
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue in gray (ITU-R BT.601), as Pillow has it


def preprocessing(kind: str) -> Any:
    """Returns a built layer from RGB 0..255 to what the network wants.

    vgg: BGR minus the ImageNet mean, as the VGG weights want it. unit: 0..1. half: -1..1. gray: one channel, 0..1.
    bgr: BGR, 0..255. rgb_mean: RGB minus the ImageNet mean. torch: (RGB / 255 - mean) / deviation, with ImageNet's.
    none: RGB 0..255 as they are.
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


def _torch() -> Any:
    kernel = [
        [1 / (255 * deviation) * one for one in row] for row, deviation in zip(RGB, IMAGENET_DEVIATION_RGB, strict=True)
    ]
    pairs = zip(IMAGENET_MEAN_RGB, IMAGENET_DEVIATION_RGB, strict=True)
    return _frozen(kernel, [-mean / deviation for mean, deviation in pairs])


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


def _none() -> Any:
    from keras import layers

    return layers.Rescaling(1.0, name=NAME)


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
    "torch": _torch,
    "none": _none,
}
