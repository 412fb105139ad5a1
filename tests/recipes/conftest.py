"""What tests of training share: pictures of two classes, and a clean slate after each."""

from collections.abc import Callable

import keras
import numpy as np
import pytest

Arrays = tuple[np.ndarray, np.ndarray]


@pytest.fixture(autouse=True)
def _clear():
    yield
    keras.backend.clear_session()


@pytest.fixture(scope="session")
def noisy() -> Callable[..., Arrays]:
    """Makes 24 noisy pictures, uint8 (24, side, side, 3), every second one redder, and their class numbers."""

    def make(redder: int = 60, side: int = 48) -> Arrays:
        labels = np.arange(24) % 2
        images = np.random.default_rng(0).integers(0, 156, (24, side, side, 3)).astype(np.uint8)
        images[labels == 1, ..., 0] += redder
        return images, labels

    return make
