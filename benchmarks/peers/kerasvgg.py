"""kerasvgg's frozen layers, preprocessing included, by one of its engines, in batches of 32."""

from collections.abc import Callable

import keras
import numpy as np

from benchmarks.peers.given import BATCH, Given, batches
from kerasvgg.backbones.weights.sources import imagenet_weights
from kerasvgg.engines.engine import runner
from kerasvgg.models.classifier import build_classifier


def prepare(variant: str, given: Given) -> Callable[[], np.ndarray]:
    """Returns a function that passes all pictures once; the variant is the engine."""
    model = build_classifier("vgg16", given.size, 2, kind="vgg", weights=imagenet_weights("vgg16"))
    forward = runner(keras.Model(model.inputs, model.get_layer("block5_pool").output), BATCH, variant)
    inputs = batches(given.pictures)
    return lambda: np.concatenate([forward(batch) for batch in inputs])
