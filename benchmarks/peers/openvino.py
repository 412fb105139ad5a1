"""OpenVINO in float32 on the processor; the variant is its performance hint, throughput with requests in parallel."""

import os
from collections.abc import Callable
from typing import Any

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
    if variant == "THROUGHPUT":
        return lambda: channels_last(_in_parallel(model, inputs))
    return lambda: channels_last([model(batch)[0] for batch in inputs])


def _in_parallel(model: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    outputs = [np.empty(0)] * len(inputs)

    def take(request: Any, place: int) -> None:
        outputs[place] = request.get_output_tensor().data.copy()

    queue = openvino.AsyncInferQueue(model)
    queue.set_callback(take)
    for place, batch in enumerate(inputs):
        queue.start_async({0: batch}, place)
    queue.wait_all()
    return outputs
