"""Where the evidence for a class lies (Grad-CAM), and a heatmap of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.visualise.layers import find_path, layers_by_path, output_layer
from kerasvgg.visualise.record import ACTIVATIONS, record

KEEPS_PLACES = (
    "BatchNormalization",
    "LayerNormalization",
    "Activation",
    "ReLU",
    "LeakyReLU",
    "PReLU",
    "ELU",
    "Add",
    "Multiply",
    "Rescaling",
)


@dataclass(frozen=True)
class ClassMaps:
    """`maps` (classes, height, width) of at least 0, as fine as the layer at `layer`; `probabilities` of all classes.

    `classes` are the class numbers of the maps.
    """

    layer: str
    classes: tuple[int, ...]
    maps: np.ndarray
    probabilities: np.ndarray


def class_maps(model: Any, image: np.ndarray, classes: Sequence[int] | None = None, layer: str = "") -> ClassMaps:
    """Returns the maps of these classes (None: of all) for a picture (height, width, channels).

    They come from the last feature maps before pooling or flattening, or from those of `layer`, and from the scores
    before sigmoid or softmax. One sigmoid unit is two classes: the score of class 0 is minus its number.
    """
    import tensorflow as tf

    last = output_layer(model)
    pictures = tf.convert_to_tensor(image[None], tf.float32)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        found = record(model, pictures, linear=last)
        scores = _scores(found.result, found.refused)[0]
        count = max(2, len(scores))
        asked = tuple(range(count)) if classes is None else tuple(classes)
        chosen = [_of_class(scores, one, count) for one in asked]
    path = find_path(found.outputs, layer) if layer else _last_maps(model, found.outputs)
    maps = [_maps(found.outputs[path], tape.gradient(score, found.outputs[path]), path)[0] for score in chosen]
    return ClassMaps(path, asked, np.stack(maps), _probabilities(last, scores))


def likely_maps(model: Any, images: np.ndarray, classes: Sequence[int]) -> np.ndarray:
    """Returns one map (n, height, width) for each of the pictures (n, height, width, channels): that of its class.

    See `class_maps`; what they have in common is computed together.
    """
    import tensorflow as tf

    last = output_layer(model)
    pictures = tf.convert_to_tensor(images, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        found = record(model, pictures, linear=last)
        scores = _scores(found.result, found.refused, len(images))
        count = max(2, scores.shape[-1])
        total = tf.add_n([_of_class(some, one, count) for some, one in zip(scores, classes, strict=True)])
    path = _last_maps(model, found.outputs)
    return _maps(found.outputs[path], tape.gradient(total, found.outputs[path]), path)


def _scores(result: Any, refused: str, count: int = 1) -> Any:
    import tensorflow as tf

    if refused:
        raise ConfigError(f"the picture must have the size that the model takes; {refused}")
    if not hasattr(result, "shape") or tf.size(result) != count * result.shape[-1]:
        raise ConfigError(f"`model` must end in class scores, received {getattr(result, 'shape', 'several outputs')}")
    return tf.reshape(result, [count, -1])


def _of_class(scores: Any, one: int, count: int) -> Any:
    if not 0 <= one < count:
        raise ConfigError(f"`class` must be a number from 0 to {count - 1}, received {one}")
    if len(scores) == 1:
        return scores[0] if one else -scores[0]
    return scores[one]


def _last_maps(model: Any, outputs: Mapping[str, Any]) -> str:
    """Returns the path of the last convolution whose output has places, or of what follows it and keeps them.

    That is an activation, or a concatenation with the feature maps before, as in DenseNet.
    """
    layers = layers_by_path(model)
    path = ""
    for one, output in outputs.items():
        kind = type(layers[one]).__name__
        if len(output.shape) != 4 or output.shape[1] * output.shape[2] < 2:
            continue
        follows = bool(path) and kind in KEEPS_PLACES and output.shape == outputs[path].shape
        joins = bool(path) and kind == "Concatenate" and output.shape[:3] == outputs[path].shape[:3]
        path = one if "Conv" in kind or follows or joins else path
    if not path:
        raise ConfigError("`model` must have a convolution for a heatmap, received one without")
    return path


def _maps(features: Any, gradient: Any, path: str) -> np.ndarray:
    if len(features.shape) != 4:
        raise ConfigError(f"`--layer` must be a layer with feature maps, received {path} of shape {features.shape[1:]}")
    if gradient is None:
        raise ConfigError(f"`--layer` must lead to the class scores, received {path}, which does not")
    weights = np.asarray(gradient, dtype=np.float32).mean(axis=(1, 2))
    heats: np.ndarray = np.maximum(np.einsum("nhwc,nc->nhw", np.asarray(features, dtype=np.float32), weights), 0)
    return heats


def _probabilities(last: Any, scores: Any) -> np.ndarray:
    from kerasvgg.models.forward import class_probabilities

    activation = last if type(last).__name__ in ACTIVATIONS else getattr(last, "activation", None)
    made = activation(scores[None]) if activation else scores[None]
    probabilities: np.ndarray = class_probabilities(np.asarray(made, dtype=np.float32))[0]
    return probabilities


def heatmap(model: Any, image: np.ndarray, class_index: int, layer: str = "") -> np.ndarray:
    """Returns Grad-CAM's heat (height, width) for a picture of that size, float32 from 0 to 1.

    All is 0 where nothing in the picture speaks for the class. See `class_maps`.
    """
    return heat(class_maps(model, image, [class_index], layer).maps[0], image.shape[:2])


def heat(coarse: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns a class map enlarged to `size` (height, width), its largest value 1."""
    from PIL import Image

    height, width = size
    enlarged = Image.fromarray(coarse.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    values = np.maximum(np.asarray(enlarged), 0)
    heat: np.ndarray = values / values.max() if values.max() > 0 else values
    return heat
