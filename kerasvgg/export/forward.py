"""What is exported: one Keras model from pictures to the probabilities that `kerasvgg predict` gives."""

from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import SIDES, Description

INPUT, OUTPUT = "pictures", "probabilities"


def exported(model: Any, about: Description | None) -> Any:
    """Returns a keras.Model from float32 pictures (n, height, width, channels), 0..255, to (n, classes).

    A single sigmoid unit becomes two classes; with `test_time_flip` the mirror images are in it. Raises ModelFileError
    as `picture_shape` does.
    """
    import keras
    from keras import ops

    pictures = keras.Input(picture_shape(model), name=INPUT)
    if about is not None and about.test_time_flip:
        both = model(ops.concatenate([pictures, ops.flip(pictures, axis=2)], axis=0), training=False)
        rows = ops.mean(ops.reshape(both, (2, -1, both.shape[-1])), axis=0)
    else:
        rows = model(pictures, training=False)
    if is_sigmoid(model):
        rows = ops.concatenate([1 - rows, rows], axis=1)
    return keras.Model(pictures, keras.layers.Activation("linear", name=OUTPUT)(rows), name="exported")


def is_sigmoid(model: Any) -> bool:
    """Tells whether the model ends in one unit that gives the probability of the second of two classes."""
    activation = getattr(model.layers[-1], "activation", None)
    return model.output_shape[-1] == 1 and getattr(activation, "__name__", "") == "sigmoid"


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
        raise ModelFileError(
            f"the model must take pictures of one size, {SIDES[0]} to {SIDES[1]:,} pixels, received {taken}"
        )
    return taken[1], taken[2], taken[3]
