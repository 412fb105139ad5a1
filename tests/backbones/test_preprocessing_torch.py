import numpy as np
from keras.applications.imagenet_utils import preprocess_input

from kerasvgg.backbones.preprocessing_torch import torch_preprocessing

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 6, 7, 3)).astype(np.float32)


def test_it_is_what_keras_applications_calls_torch():
    layer = torch_preprocessing()
    assert np.abs(np.asarray(layer(PIXELS)) - preprocess_input(PIXELS.copy(), mode="torch")).max() < 1e-5
    assert layer.name == "preprocessing"
    assert not layer.trainable_weights
