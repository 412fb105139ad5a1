"""What a network wants its pixels to be, as a built-in Keras layer inside the model."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError

NAME = "preprocessing"
IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)  # the VGG authors' training mean
IMAGENET_MEAN_RGB = (0.485, 0.456, 0.406)  # of values 0..1, as keras.applications' mode torch has it
IMAGENET_DEVIATION_RGB = (0.229, 0.224, 0.225)
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue in gray (ITU-R BT.601), as Pillow has it


def preprocessing(kind: str) -> Any:
    """Returns a built layer from RGB 0..255 to what the network wants.

    vgg: BGR minus the ImageNet mean, as the VGG weights want it. unit: 0..1. half: -1..1. gray: one channel, 0..1.
    bgr: BGR, 0..255. rgb_mean: RGB minus the ImageNet mean. torch: (RGB / 255 - mean) / deviation, with ImageNet's.
    """
    if kind not in KINDS:
        raise ConfigError(f"`preprocessing` must be one of {', '.join(KINDS)}, received {kind!r}")
    return KINDS[kind]()


def minus_mean(mean: Sequence[float]) -> Any:
    """Returns a built layer from RGB 0..255 to RGB minus the mean pixel `mean`."""
    return _frozen(np.eye(3), -np.array(mean))


def _vgg() -> Any:
    return _frozen(np.eye(3)[::-1], -np.array(IMAGENET_MEAN_BGR))


def _bgr() -> Any:
    return _frozen(np.eye(3)[::-1], np.zeros(3))


def _gray() -> Any:
    return _frozen(np.array(LUMA).reshape(3, 1) / 255, np.zeros(1))


def _rgb_mean() -> Any:
    return minus_mean(IMAGENET_MEAN_BGR[::-1])


def _torch() -> Any:
    mean, deviation = np.array(IMAGENET_MEAN_RGB), np.array(IMAGENET_DEVIATION_RGB)
    return _frozen(np.diag(1 / (255 * deviation)), -mean / deviation)


def _frozen(kernel: np.ndarray, bias: np.ndarray) -> Any:
    """Returns a 1x1 convolution that stays as it is: `kernel` (in, out) mixes the channels, `bias` moves them."""
    from keras import layers

    layer = layers.Conv2D(kernel.shape[1], 1, name=NAME, trainable=False)
    layer.build((None, None, None, kernel.shape[0]))
    layer.set_weights([kernel[None, None].astype(np.float32), bias.astype(np.float32)])
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
    "torch": _torch,
}
