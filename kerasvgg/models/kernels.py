"""Kernels of convolutions as old versions laid them out."""

import numpy as np

from kerasvgg.modelfile.saved import Saved
from kerasvgg.modelfile.upgrade.patch import major


def as_keras3(array: np.ndarray, shape: tuple[int, ...], saved: Saved) -> np.ndarray:
    """Returns the array as Keras 3 wants it, which is of `shape`: height, width, channels, filters.

    Keras 1 with the channels first had filters, channels, height, width; Theano turned the kernels by half a turn.
    """
    if array.ndim == 4 and len(shape) == 3 and array.shape[1] == 1:  # Conv1D of Keras 1
        return array[:, 0]
    if array.ndim == 4 and _is_filters_first(array, shape, saved):
        array = array.transpose(2, 3, 1, 0)
    if array.ndim == 4 and saved.backend == "theano":
        array = array[::-1, ::-1]
    return array


def _is_filters_first(array: np.ndarray, shape: tuple[int, ...], saved: Saved) -> bool:
    turned = tuple(array.shape[axis] for axis in (2, 3, 1, 0))
    if turned != shape or array.shape != shape:
        return turned == shape
    return major(saved.keras_version) <= 1 and '"th"' in str(saved.config).replace("'", '"')
