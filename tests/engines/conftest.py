import keras
import numpy as np
import pytest

from kerasvgg.models.classifier import build_classifier


@pytest.fixture(scope="session")
def noise():
    """Makes noisy pictures, float32 (n, height, width, 3), 0..255."""

    def make(size=(48, 48), n=5):
        return np.random.default_rng(0).uniform(0, 255, (n, *size, 3)).astype(np.float32)

    return make


@pytest.fixture(scope="module")
def small():
    """A small network with the layers of most: of three classes, for pictures of 48 x 48."""
    keras.backend.clear_session()
    return build_classifier("small_cnn", (48, 48), 3, kind="unit", units=(8,), dropout=0.5)
