"""What augmentation makes of one picture."""

import numpy as np

from kerasvgg.data.augment import Augmentation


def views(image: np.ndarray, augmentation: Augmentation, count: int, seed: int = 0) -> np.ndarray:
    """Returns `count` views of a picture uint8 (height, width, 3), float32 0..255, as training would draw them.

    View i is what epoch i gives to the first picture of its order; the same seed, the same views in every engine.
    """
    transforms = augmentation.draw(image.shape[:2], [(seed, epoch, 0) for epoch in range(count)])
    return augmentation.apply(np.repeat(image[None], count, axis=0), transforms)
