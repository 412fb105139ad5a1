"""A model as a run leaves it, by the engine that is fastest here: without TensorFlow where that is known to do."""

from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.engines.choice import BATCH, MEASURE_FROM, choose
from kerasvgg.engines.saved import known_model, learn
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.runs.inference import Inference, name_of
from kerasvgg.serve.model import About, Model, Rows, drawn
from kerasvgg.settings import Engine


def open_trained(path: Path) -> Model:
    """Opens a model file. The first time, what computes it is measured. Raises ModelFileError as `open_model` does."""
    known = known_model(path, MEASURE_FROM)
    if known and (said := read_description(path)):
        return _served(known, said, None, "ncnn")
    return _by_measure(path)


def _by_measure(path: Path) -> Model:
    from kerasvgg.modelfile.open.open import open_model

    opened = open_model(path)
    if opened.description is None:
        raise ModelFileError(f"`{path.name}` does not say its class names and image size: kerasvgg did not write it")
    about, name = _about(opened.description, ""), name_of(opened.description)
    engine = choose(opened.model, name, lambda: drawn(about, BATCH), MEASURE_FROM)
    if engine == "ncnn":
        learn(path, opened.model, name, lambda: drawn(about, BATCH))
    forced: Engine | None = "graph" if engine == "xla" else None  # which would compile for each size of batch anew
    return _served(opened.model, opened.description, forced, "ncnn" if engine == "ncnn" else "TensorFlow")


def _served(model: Any, said: Description, forced: Engine | None, engine: str) -> Model:
    see = Inference(model, said, unknown=False, engine=forced)
    see.pictures = MEASURE_FROM

    def run(pixels: np.ndarray) -> Rows:
        return Rows(np.stack([row for row, _ in see(pixels)]), None)

    return Model(_about(said, engine), run)


def _about(said: Description, engine: str) -> About:
    return About(said.class_names, said.resizing, 3, said.thresholds, said.temperature, engine)
