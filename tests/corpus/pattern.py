"""Weights and pictures by integer arithmetic: the same in every Python and numpy, and small when compressed."""

import numpy as np

PERIOD = 251


def pattern(name, shape, phase):
    """Returns weights that repeat (so that a file shrinks) and still let a picture change what comes out."""
    count = int(np.prod(shape))
    wave = (np.arange(count) * 97 + phase * 31) % PERIOD / 125.0 - 1
    if len(shape) > 1:
        wave *= np.sqrt(6.0 / _fan_in(shape))
    elif "gamma" in name:
        wave = 1 + wave / 4
    elif "var" in name or "std" in name:
        wave = 1 + wave / 2
    else:
        wave /= 8
    return wave.reshape(shape).astype("float32")


def _fan_in(shape):
    if len(shape) == 4 and shape[3] == 1 < shape[2]:  # depthwise
        return shape[0] * shape[1]
    if len(shape) == 4 and shape[0] > 8:  # Keras 1 with the channels first: filters first
        return shape[1] * shape[2] * shape[3]
    return int(np.prod(shape[:-1]))


def set_pattern(model):
    for place, layer in enumerate(_leaves(model)):
        arrays = layer.get_weights()
        names = [weight.name for weight in layer.weights]
        layer.set_weights(
            [
                pattern(name, array.shape, 5 * place + i) if array.dtype.kind == "f" else array
                for i, (name, array) in enumerate(zip(names, arrays))  # noqa: B905 - old Pythons have no `strict`
            ]
        )


def _leaves(model):
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _leaves(layer)
        else:
            yield layer


def pictures(recipe):
    """Returns the pictures of a recipe: `shape` of one, `count`, and what the numbers 0..255 are divided by."""
    shape = [recipe["count"], *recipe["shape"]]
    n, a, b, c = np.indices(shape) if len(shape) == 4 else np.indices(shape + [1] * (4 - len(shape)))
    numbers = ((2 * n + 3) * a + (5 * n + 1) * b + 60 * c * (n + 1) + 31 * n) % 256
    return (numbers.reshape(shape) / recipe["divide"]).astype("float32")
