"""Whether a picture excites a filter at all."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from kerasvgg.visualise.layers import find_path, layers_by_path
from kerasvgg.visualise.record import record

BATCH = 8


def excited(model: Any, layer: str, filters: Sequence[int], pictures: np.ndarray) -> list[bool]:
    """Tells for each picture (n, height, width, channels) whether its filter's activation is above 0 anywhere."""
    path = find_path(layers_by_path(model), layer)
    found = []
    for start in range(0, len(pictures), BATCH):
        outputs = record(model, pictures[start : start + BATCH], until=path).outputs[path]
        some = zip(np.asarray(outputs), filters[start : start + BATCH], strict=True)
        found += [bool((output[..., one] > 0).any()) for output, one in some]
    return found
