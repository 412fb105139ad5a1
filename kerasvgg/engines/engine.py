"""The engines by name, and a model as a function by any of them."""

from importlib.metadata import version
from typing import Any, Protocol, get_args

import numpy as np

from kerasvgg.engines.ncnn import NcnnForward, instruction_set, ncnn_version
from kerasvgg.engines.network import network_of
from kerasvgg.models.forward import Forward
from kerasvgg.settings import Engine

TRANSLATION = 1  # goes up where the same network comes to other numbers in kerasvgg's own part of the work
ENGINES: tuple[Engine, ...] = get_args(Engine)
WHAT = {
    "graph": "TensorFlow's graph, with oneDNN's kernels",
    "xla": "TensorFlow's graph, compiled by XLA",
    "ncnn": "ncnn, for chains of convolutions as VGG's",
}


class Run(Protocol):
    """A model as a function of a batch; `shape` is that of what it makes of one picture."""

    shape: tuple[int, ...]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns float32 outputs (n, ...), several in a row, for `x` of any number type."""
        ...


def runner(model: Any, batch: int | None, engine: Engine) -> Run:
    """Returns a Keras model as a function by an engine; for `batch` see `Forward`.

    Raises UnsupportedError where ncnn is asked for what it can't compute.
    """
    return NcnnForward(network_of(model)) if engine == "ncnn" else Forward(model, batch, engine)


def settings(engine: Engine, threads: int) -> dict[str, Any]:
    """Returns what the last bits of an engine's results depend on, as JSON values; `threads` are TensorFlow's."""
    if engine != "ncnn":
        return {"mode": engine, "threads": threads}
    rest = {"numpy": version("numpy"), "translation": TRANSLATION}
    return {"mode": engine, "ncnn": ncnn_version(), "instructions": instruction_set(), "threads": 1, **rest}
