"""Which of TensorFlow's ways of running a model is the fastest here."""

import time
from typing import Any

import numpy as np

from kerasvgg.models.forward import Forward, Mode

BATCH = 8
ROUNDS = 3


def fastest_mode(model: Any) -> Mode:
    """Times a small batch in each mode, in turns, and returns the mode with the shortest time.

    For VGG16 at 150x150 on two cores this takes about five seconds, half of which XLA needs to compile.
    """
    batch = np.random.default_rng(0).uniform(0, 255, (BATCH, *model.inputs[0].shape[1:])).astype(np.float32)
    runs: dict[Mode, Forward] = {"graph": Forward(model, BATCH, "graph"), "xla": Forward(model, BATCH, "xla")}
    seconds: dict[Mode, list[float]] = {mode: [] for mode in runs}
    for _ in range(1 + ROUNDS):
        for mode, run in runs.items():
            seconds[mode].append(_seconds(run, batch))
    return min(runs, key=lambda mode: min(seconds[mode][1:]))  # the first call compiles


def _seconds(run: Forward, batch: np.ndarray) -> float:
    started = time.perf_counter()
    run(batch)
    return time.perf_counter() - started
