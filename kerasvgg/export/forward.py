"""What is exported: one Keras model from pictures to the probabilities that `kerasvgg predict` gives."""

from typing import Any

import numpy as np

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import SIDES, Description

INPUT, OUTPUT, MAPS = "pictures", "probabilities", "class_maps"


def exported(model: Any, about: Description | None, *, maps: bool = False) -> Any:
    """Returns a keras.Model from float32 pictures (n, height, width, channels), 0..255, to (n, classes).

    A single sigmoid unit becomes two classes; with `test_time_flip` the mirror images are in it. With `maps` there is a
    second output where the head is one dense layer on the average of feature maps: class activation maps
    (n, rows, columns, classes), what each place adds to a class, whose average is the logit but for its bias (Zhou et
    al. 2016). Raises ModelFileError as `picture_shape` does.
    """
    import keras
    from keras import layers, ops

    pictures = keras.Input(picture_shape(model), name=INPUT)
    features = _averaged_maps(model) if maps else None
    inner = keras.Model(model.inputs, [model.outputs[0], *([] if features is None else [features])], name=model.name)
    if about is not None and about.test_time_flip:
        given = inner(ops.concatenate([pictures, ops.flip(pictures, axis=2)], axis=0), training=False)
        both = [ops.reshape(one, (2, -1, *one.shape[1:])) for one in given]
        given = [ops.mean(both[0], axis=0), *(one[0] for one in both[1:])]
    else:
        given = inner(pictures, training=False)
    is_two = is_sigmoid(model) or (about is not None and model.output_shape[-1] == 1)
    rows = ops.concatenate([1 - given[0], given[0]], axis=1) if is_two else given[0]
    outputs = [layers.Activation("linear", name=OUTPUT)(rows), *(_class_maps(one, model) for one in given[1:])]
    return keras.Model(pictures, outputs if len(outputs) > 1 else outputs[0], name="exported")


def _averaged_maps(model: Any) -> Any:
    """Returns the tensor of feature maps whose average, with at most dropout behind it, goes into the last layer."""
    from keras import layers

    behind = [layer for layer in model.layers if not isinstance(layer, layers.Dropout)]
    if len(behind) < 2 or not isinstance(behind[-1], layers.Dense):
        return None
    return behind[-2].input if isinstance(behind[-2], layers.GlobalAveragePooling2D) else None


def _class_maps(features: Any, model: Any) -> Any:
    from keras import layers, ops

    kernel = ops.convert_to_numpy(model.layers[-1].kernel)
    kernel = np.concatenate([-kernel, kernel], axis=1) if is_sigmoid(model) else kernel
    evidence = layers.Conv2D(kernel.shape[1], 1, use_bias=False, name=MAPS)
    given = evidence(features)
    evidence.set_weights([kernel[None, None]])
    return given


def is_sigmoid(model: Any) -> bool:
    """Tells whether the model ends in one unit that gives the probability of the second of two classes."""
    activation = getattr(model.layers[-1], "activation", None)
    return bool(model.output_shape[-1] == 1 and getattr(activation, "__name__", "") == "sigmoid")


def picture_shape(model: Any) -> tuple[int, int, int]:
    """Returns (height, width, channels) of the pictures that a model takes. Raises ModelFileError for other models."""
    taken, given = model.input_shape, model.output_shape
    if not (isinstance(taken, tuple) and len(taken) == 4 and taken[3] in (1, 3)):
        raise ModelFileError(
            f"the model must take pictures (n, height, width, 1 or 3) to be exported, received {taken}"
        )
    if not (isinstance(given, tuple) and len(given) == 2 and given[1]):
        raise ModelFileError(f"the model must give one row of numbers (n, classes) to be exported, received {given}")
    if not all(side and SIDES[0] <= side <= SIDES[1] for side in taken[1:3]):
        allowed = f"one size, {SIDES[0]} to {SIDES[1]:,} pixels"
        raise ModelFileError(f"the model must take pictures of {allowed}, received {taken}")
    return taken[1], taken[2], taken[3]
