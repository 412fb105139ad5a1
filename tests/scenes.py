"""Pictures for tests that compare pictures."""

import numpy as np
from PIL import Image


def scene(seed: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Returns a picture of blobs and edges, (width, height), which no other seed has."""
    draw = np.random.default_rng(seed)
    picture = np.zeros((size[1], size[0], 3))
    y, x = np.mgrid[: size[1], : size[0]]
    for _ in range(25):
        at, wide, colour = draw.uniform(0, 1, 2) * size, draw.uniform(0.04, 0.2, 2) * size, draw.uniform(-90, 90, 3)
        picture += (np.abs((x - at[0]) / wide[0]) + np.abs((y - at[1]) / wide[1]) < 1)[..., None] * colour
    return Image.fromarray(np.clip(picture + 128, 0, 255).astype(np.uint8))
