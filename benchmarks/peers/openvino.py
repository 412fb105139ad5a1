"""OpenVINO in float32 on the processor; the variant is its performance hint.

THROUGHPUT is left out: its requests in parallel took twice as long here, and once never came to an end.
"""

import os
from collections.abc import Callable

import numpy as np
import openvino

from benchmarks.peers.given import Given, batches, channels_last


def prepare(variant: str, given: Given) -> Callable[[], np.ndarray]:
    """Returns a function that passes all pictures once."""
    hints = {
        "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": variant,
        "INFERENCE_NUM_THREADS": str(os.cpu_count() or 1),
    }
    model = openvino.Core().compile_model(given.onnx, "CPU", hints)
    inputs = batches(given.channels_first)
    return lambda: channels_last([model(batch)[0] for batch in inputs])
