"""Which of TensorFlow's ways of running a model is the fastest here, measured once."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.files.atomic import write_text
from kerasvgg.models.forward import Forward, Mode
from kerasvgg.process.progress import say

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


MEASURE_FROM = 256  # pictures; with fewer, measuring takes longer than it saves
FILE = "modes.json"


def forward_mode(trunk: Any, name: str, pictures: int, folder: Path) -> Mode:
    """Returns the mode that `folder` remembers under this name, else measures and remembers it.

    For few pictures nothing is measured, and it is "graph".
    """
    remembered = _read(folder / FILE)
    if name in remembered:
        return remembered[name]
    if pictures < MEASURE_FROM:
        return "graph"
    mode = fastest_mode(trunk)
    say(f"frozen layers: {mode} mode is the fastest here")
    write_text(folder / FILE, json.dumps({**_read(folder / FILE), name: mode}, indent=2) + "\n")
    return mode


def _read(path: Path) -> dict[str, Mode]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): mode for name, mode in found.items() if mode in ("graph", "xla")}
    except (OSError, ValueError, AttributeError):  # it is a cache: what can't be read is measured again
        return {}
