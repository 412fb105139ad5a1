"""The preprocessing that keras.applications calls torch, as a built-in Keras layer inside the model."""

from typing import Any

import numpy as np

from kerasvgg.models.preprocessing import NAME

KIND = "torch"
IMAGENET_MEAN_RGB = (0.485, 0.456, 0.406)  # of values 0..1
IMAGENET_DEVIATION_RGB = (0.229, 0.224, 0.225)


def torch_preprocessing() -> Any:
    """Returns a built layer from RGB 0..255 to (RGB / 255 - mean) / standard deviation, with those of ImageNet."""
    from keras import layers

    mean, deviation = np.array(IMAGENET_MEAN_RGB), np.array(IMAGENET_DEVIATION_RGB)
    layer = layers.Conv2D(3, 1, name=NAME, trainable=False)
    layer.build((None, None, None, 3))
    kernel = np.diag(1 / (255 * deviation))
    layer.set_weights([kernel[None, None].astype(np.float32), (-mean / deviation).astype(np.float32)])
    return layer
