"""A model that has forgotten what it learnt."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


@contextmanager
def randomised(layers: Iterable[Any], seed: int) -> Iterator[None]:
    """Gives the layers new weights during the block: Glorot's uniform kernels, biases of 0, the rest as it is."""
    unique = {id(layer): layer for layer in layers}.values()
    before = [(layer, layer.get_weights()) for layer in unique]
    draw = np.random.default_rng(seed)
    try:
        for layer, arrays in before:
            names = [weight.name for weight in layer.weights]
            layer.set_weights([_drawn(name, array, draw) for name, array in zip(names, arrays, strict=True)])
        yield
    finally:
        for layer, arrays in before:
            layer.set_weights(arrays)


def _drawn(name: str, array: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    if array.ndim < 2:
        return np.zeros_like(array) if name == "bias" else array
    places = int(np.prod(array.shape[:-2]))
    bound = np.sqrt(6 / (places * (array.shape[-2] + array.shape[-1])))
    return draw.uniform(-bound, bound, array.shape).astype(array.dtype)
