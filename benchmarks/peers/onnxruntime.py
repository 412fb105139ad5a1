"""ONNX Runtime on the processor; the variant is its level of optimisation."""

import os
from collections.abc import Callable

import numpy as np
import onnxruntime

from benchmarks.peers.given import Given, batches, channels_last


def prepare(variant: str, given: Given) -> Callable[[], np.ndarray]:
    """Returns a function that passes all pictures once."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    options.graph_optimization_level = getattr(onnxruntime.GraphOptimizationLevel, variant)
    session = onnxruntime.InferenceSession(given.onnx, options, providers=["CPUExecutionProvider"])
    inputs = batches(given.channels_first)
    return lambda: channels_last([session.run(None, {"pictures": batch})[0] for batch in inputs])
