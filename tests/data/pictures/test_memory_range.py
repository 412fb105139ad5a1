import numpy as np
import pytest

from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.errors import DataError
from kerasvgg.recipes.sources import as_pictures

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 3)).astype(np.float32)
SCALED = {
    "0..1": (PIXELS / 255, "0..1, as by x / 255"),
    "-1..1": (PIXELS / 127.5 - 1, "-1..1"),
    "VGG's": (PIXELS[..., ::-1] - (103.939, 116.779, 123.68), "preprocess_input"),
    "standardised": ((PIXELS / 255 - 0.45) / 0.225, "standardised"),
    "0..1 after a sharp resampling": (PIXELS / 255 * 1.04 - 0.02, "scaled or standardised"),
    "not finite": (np.where(PIXELS > 250, np.nan, PIXELS), "not finite"),
}


@pytest.mark.parametrize("name", SCALED)
def test_pictures_that_were_scaled_already_are_refused_with_the_reason(name):
    images, reason = SCALED[name]
    with pytest.raises(DataError, match=reason):
        as_pictures((images, np.arange(4) % 2), None, Resizing((8, 8)))


@pytest.mark.parametrize("images", [PIXELS, PIXELS.astype(np.uint8), np.zeros((4, 8, 8, 3)), PIXELS * 1.02 - 3])
def test_pixels_and_black_pass(images):
    assert len(as_pictures((images, np.arange(4) % 2), None, Resizing((8, 8)))[0]) == 4
