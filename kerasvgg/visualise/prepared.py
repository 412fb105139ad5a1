"""Which layers come before the network proper: those that prepare the pixels."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from kerasvgg.visualise.kernels import is_preprocessing
from kerasvgg.visualise.layers import layers_by_path

CHANNELS = (1, 3)


def prepared(model: Any, outputs: Mapping[str, np.ndarray]) -> list[str]:
    """Returns the paths of the first layers that learn nothing and keep a picture a picture, in their order."""
    layers, found = layers_by_path(model), list[str]()
    for path, output in outputs.items():
        learns = layers[path].weights and not is_preprocessing(layers[path])
        if learns or output.ndim != 3 or output.shape[-1] not in CHANNELS:
            break
        found.append(path)
    return found
