"""What every layer of a model makes of a picture."""

from typing import Any

import numpy as np

from kerasvgg.visualise.record import record


def activations(model: Any, image: np.ndarray, refused: list[str] | None = None) -> dict[str, np.ndarray]:
    """Returns each layer's output for a picture (height, width, channels), without the batch axis, by the layer's path.

    The picture may have another size than the model's: what comes before the first layer that refuses it is returned,
    and `refused` is given that layer's path and its reason. Feature maps are (height, width, channels).
    """
    found = record(model, image[None])
    if found.refused and refused is not None:
        refused.append(found.refused)
    return {path: np.asarray(output, dtype=np.float32)[0] for path, output in found.outputs.items()}
