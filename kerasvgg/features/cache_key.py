"""The name of a cache of features: a hash of all that they depend on."""

import hashlib
import json
import os
from typing import Any

import numpy as np

from kerasvgg.files.hashing import fingerprint
from kerasvgg.process.threads import processors


def cache_key(trunk: Any, **how: Any) -> str:
    """Returns the SHA-256 of the trunk's layers, weights and input's shape, of TensorFlow's version, and of `how`.

    `how` is whatever else the features depend on, as JSON values: decoder, interpolation, fit, mode, threads, dtype.
    """
    import tensorflow as tf

    layers = [[type(layer).__name__, _config(layer)] for layer in trunk.layers]
    weights = fingerprint(np.asarray(weight) for weight in trunk.weights)
    tensorflow = [tf.__version__, os.environ.get("TF_ENABLE_ONEDNN_OPTS", "")]
    whole = [layers, weights, list(trunk.inputs[0].shape), tensorflow, how]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


def threads() -> int:
    """Returns how many threads TensorFlow computes one operation with."""
    import tensorflow as tf

    return tf.config.threading.get_intra_op_parallelism_threads() or processors()


def _config(layer: Any) -> dict[str, Any]:
    # Whether a layer may train does not change what comes out of it.
    return {name: value for name, value in layer.get_config().items() if name != "trainable"}
