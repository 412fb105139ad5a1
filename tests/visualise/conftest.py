"""What the tests of pictures of models need."""

import numpy as np
import pytest
from tiny_models import SIDE


@pytest.fixture
def picture() -> np.ndarray:
    """A picture uint8 with a slope, a red disc and a blue square."""
    rows, columns = np.indices((SIDE, SIDE))
    pixels = np.stack([rows * 6 + 60, columns * 5 + 80, 150 - rows * 2], axis=-1)
    pixels[np.hypot(rows - 7, columns - 8) < 5] = (220, 40, 30)
    pixels[14:21, 13:21] = (30, 60, 210)
    return pixels.astype(np.uint8)
