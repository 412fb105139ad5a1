"""Predictions as a job: the model as bytes for any machine, and what it makes of pictures."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kerasvgg.cluster.worker import Result
from kerasvgg.data.pictures.decode import DECODER_VERSION
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.streams.records import stream
from kerasvgg.engines.engine import ENGINES, settings
from kerasvgg.engines.ncnn import instruction_set
from kerasvgg.engines.saved import SavedModel, known_model, network_in
from kerasvgg.errors import KerasVGGError, ModelFileError
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.models.forward import BATCH
from kerasvgg.runs.inference import Inference
from kerasvgg.settings import Engine


@dataclass(frozen=True)
class PredictionTask:
    """A model's file that was judged, by which pictures are predicted; `suffix` is that of its name."""

    model: bytes
    suffix: str
    engine: Engine
    unknown: bool
    threads: int

    @property
    def about(self) -> dict[str, Any]:
        """What the results depend on, as JSON values."""
        return {
            "predictions by the model": hashlib.sha256(self.model).hexdigest(),
            "distances": self.unknown,
            "decoder": f"{DECODER_VERSION}, Pillow {version('pillow')}",
            "instructions": instruction_set(),
            **settings(self.engine, self.threads),
        }

    def build(self) -> "Predicting":
        """Opens the model. Raises ModelFileError, EngineError as opening and computing do."""
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"model{self.suffix}"
            path.write_bytes(self.model)
            about = read_description(path)
            if about is None:
                raise KerasVGGError("the model does not say its class names and image size")
            if self.engine == "ncnn":
                model: Any = SavedModel(path, network_in(path))
            else:
                from kerasvgg.modelfile.open.open import open_model

                model = open_model(path).model
            return Predicting(Inference(model, about, self.unknown, self.engine, batch=BATCH), about)


class Predicting:
    """Probabilities, and the distance where it is asked for, of each picture, as float32 in a row."""

    def __init__(self, see: Inference, about: Description) -> None:
        self.resizing: Resizing = about.resizing
        self.class_names = about.class_names
        self._see = see

    def rows(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 (n, classes), with the distances as the last column where they are asked for."""
        rows = [[*row, *([] if distance is None else [distance])] for row, distance in self._see(images)]
        return np.array(rows, dtype="<f4")

    def __call__(self, contents: Sequence[bytes], images: np.ndarray) -> list[Result]:
        """Returns the rows of these pictures."""
        return [(content, row.tobytes()) for content, row in zip(contents, self.rows(images), strict=True)]

    def flush(self) -> list[Result]:
        """Returns nothing: nothing is held back."""
        return []


def prediction_task(
    model: Path, source: str, threads: int, engine: Engine | None, unknown: bool
) -> tuple[Description, PredictionTask]:
    """Returns what the model says of itself, and it as a task. Raises ModelFileError for one that can't be opened."""
    about = read_description(model)
    if about is None:
        raise ModelFileError(f"`{model}` does not say its class names and image size: kerasvgg did not write it")
    taken = _engine(model, source, engine)
    return about, PredictionTask(model.read_bytes(), model.suffix, taken, unknown, threads)


def _engine(model: Path, source: str, forced: Engine | None) -> Engine:
    """Returns what computes: ncnn where it was seen to compute what this file's model does, found out if need be."""
    known = known_model(model, 0) is not None
    if not known or forced not in (None, "ncnn"):
        from kerasvgg.modelfile.open.open import open_model
        from kerasvgg.runs.engines import learn_of_contents

        opened = open_model(model)  # judged here, before any worker has it
        some = (record.load for record in islice(stream(source, (), []), 64))
        if opened.description and not known:
            learn_of_contents(model, opened.model, opened.description, some)
    taken: Engine = "ncnn" if known_model(model, 0) else ENGINES[0]
    return forced or taken
