import numpy as np
import pytest

from kerasvgg.features.store import Store

ABOUT = {
    "base": "vgg16", "cut": "block5_conv1", "image_size": [48, 48], "interpolation": "bilinear",
    "preprocessing": "vgg", "dtype": "float32", "mode": "graph", "threads": 2, "shape": [4, 5],
}  # fmt: skip


@pytest.fixture
def open_store(tmp_path):
    """Opens stores that are closed when the test ends."""
    opened = []

    def start(path=tmp_path / "features" / "0a1b.sqlite", **about) -> Store:
        opened.append(Store(path, {**ABOUT, **about}))
        return opened[-1]

    yield start
    for store in opened:
        store.close()


@pytest.fixture
def rows():
    return np.random.default_rng(0).normal(size=(6, 4, 5)).astype(np.float32)
