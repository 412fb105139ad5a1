"""What travels in every export: all that a program needs which has nothing but the file."""

from typing import Any

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.data.pictures.resizing import FILLING
from kerasvgg.export.forward import is_sigmoid, picture_shape
from kerasvgg.modelfile.description import Description
from kerasvgg.process.environment import own_version

KEY = "kerasvgg"  # in a format's metadata; the value is JSON


def metadata(model: Any, about: Description | None) -> dict[str, Any]:
    """Returns what an export says of itself.

    `image_size` is (height, width) in pixels, `channels` 3 for RGB or 1 for gray, pixels are float32 from 0 to 255.
    `thresholds` are None unless a picture may have several classes. The logarithms of the probabilities divided by the
    `temperature` give calibrated ones, made to sum to 1. `preprocessing` is "inside", or "unknown" for a model from
    elsewhere, whose classes are called by their numbers. Raises ModelFileError for what takes no pictures of one size.
    """
    height, width, channels = picture_shape(model)
    said: dict[str, Any] = {"kerasvgg": own_version(), "image_size": [height, width], "channels": channels}
    said |= {"pixels": "float32 0..255", "filling": list(FILLING)}
    if about is None:
        names = [str(number) for number in range(2 if is_sigmoid(model) else model.output_shape[-1])]
        return said | {
            "class_names": names,
            "interpolation": "bilinear",
            "fit": "squeeze",
            "thresholds": None,
            "temperature": 1.0,
            "preprocessing": "unknown",
            "base": "",
            "licence": "",
        }
    return said | {
        "class_names": list(about.class_names),
        "interpolation": about.interpolation,
        "fit": about.fit,
        "thresholds": None if about.thresholds is None else list(about.thresholds),
        "temperature": about.temperature,
        "preprocessing": "inside",
        "base": about.base,
        "licence": _licence(about),
    }


def _licence(about: Description) -> str:
    """Returns what is demanded of those who pass on the weights that training began with, so far as that is known."""
    base = BACKBONES.get(about.base)
    if base is None or base.file is None or "weights: imagenet" not in about.experiment:
        return ""
    return f"holds weights of {about.base} trained on ImageNet: {base.file.licence}"
