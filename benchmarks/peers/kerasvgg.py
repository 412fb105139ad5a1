"""kerasvgg's frozen layers, preprocessing included, in the mode that it finds the fastest here, in batches of 32."""

from collections.abc import Callable

import keras
import numpy as np
from kerasvgg.features.engine import fastest_mode

from benchmarks.peers.given import BATCH, SIZE, Given, batches
from kerasvgg.backbones.weights.sources import imagenet_weights
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.forward import Forward


def prepare(variant: str, given: Given) -> Callable[[], np.ndarray]:
    """Returns a function that passes all pictures once; there is one variant only."""
    model = build_classifier("vgg16", SIZE, 2, kind=variant, weights=imagenet_weights("vgg16"))
    trunk = keras.Model(model.inputs, model.get_layer("block5_pool").output)
    forward = Forward(trunk, BATCH, fastest_mode(trunk))
    inputs = batches(given.pictures)
    return lambda: np.concatenate([forward(batch) for batch in inputs])
