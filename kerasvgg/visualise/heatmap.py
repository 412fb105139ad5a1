"""A class's evidence as a picture's heat."""

from typing import Any

import numpy as np

from kerasvgg.visualise.class_maps import class_maps


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
    return values / values.max() if values.max() > 0 else values
