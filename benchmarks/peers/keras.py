"""keras.applications' VGG16 and `predict`; the variant is the size of the batches."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np

from benchmarks.peers.given import Given
from benchmarks.weights import weights_file


def prepare(variant: str, given: Given) -> Callable[[], np.ndarray]:
    """Returns a function that passes all pictures once."""
    return partial(convolutions(given.size).predict, given.preprocessed, batch_size=int(variant), verbose=0)


def convolutions(size: tuple[int, int]) -> Any:
    """Returns the 13 convolutions with ImageNet's weights."""
    model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(*size, 3))
    model.load_weights(weights_file())
    return model
