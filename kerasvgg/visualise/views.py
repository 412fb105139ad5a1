"""What augmentation makes of one picture."""

import numpy as np

from kerasvgg.data.augment import Augmentation


def views(
    image: np.ndarray, augmentation: Augmentation, count: int, seed: int = 0, content: int | None = None
) -> np.ndarray:
    """Returns `count` views of a picture uint8 (height, width, 3), float32 0..255, as training would draw them.

    View i is copy i of the picture with this `content_number`, or (None, fresh views) what epoch i gives to the first
    picture of its order; the same seed, the same views in every engine.
    """
    seeds = [(seed, number, content or 0) for number in range(count)]
    transforms = augmentation.draw(image.shape[:2], seeds)
    return augmentation.apply(np.repeat(image[None], count, axis=0), transforms)
