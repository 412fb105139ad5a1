import numpy as np
import pytest
from keras.applications.imagenet_utils import preprocess_input
from PIL import Image

from kerasvgg.backbones.preprocessing import minus_mean, preprocessing
from kerasvgg.data.pictures.resizing import FILLING

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 6, 7, 3)).astype(np.float32)
KERAS_MEAN = np.array([123.68, 116.779, 103.939])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("vgg", lambda: preprocess_input(PIXELS.copy(), mode="caffe")),
        ("half", lambda: preprocess_input(PIXELS.copy(), mode="tf")),
        ("torch", lambda: preprocess_input(PIXELS.copy(), mode="torch")),
        ("none", lambda: PIXELS),
        ("unit", lambda: PIXELS / 255),
        ("bgr", lambda: PIXELS[..., ::-1]),
        ("rgb_mean", lambda: PIXELS - KERAS_MEAN),
        ("gray", lambda: np.stack([_gray(picture) for picture in PIXELS]) / 255),
    ],
)
def test_preprocessing_inside_the_model_is_what_it_is_called(kind, expected):
    layer = preprocessing(kind)
    found = layer(PIXELS).numpy()
    assert found.shape == expected().shape
    # Pillow rounds gray to whole levels.
    assert np.abs(found - expected()).max() < (0.51 / 255 if kind == "gray" else 1e-4)
    assert not layer.trainable_weights


def _gray(picture: np.ndarray) -> np.ndarray:
    return np.asarray(Image.fromarray(picture.astype(np.uint8)).convert("L"), np.float32)[..., None]


def test_any_mean_pixel_can_be_taken_away():
    assert np.allclose(minus_mean((1.5, 2.5, 3.5))(PIXELS), PIXELS - [1.5, 2.5, 3.5])


def test_what_a_picture_is_padded_with_is_next_to_nothing_for_vgg():
    assert np.abs(preprocessing("vgg")(np.array(FILLING, np.float32)[None, None, None])).max() <= 0.5
