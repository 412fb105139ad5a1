"""Predictions as a job: the model as bytes for any machine, what it makes of pictures, and the tables at the end."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kerasvgg.cluster.ledger import Ledger, Seen
from kerasvgg.cluster.worker import Result
from kerasvgg.data.pictures.decode import DECODER_VERSION
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.engines.engine import settings
from kerasvgg.engines.saved import SavedModel, network_in
from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.predictions import FIXED, Prediction
from kerasvgg.evaluation.thresholds import called
from kerasvgg.files.atomic import replacing
from kerasvgg.files.text import printable, write_rows
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.models.forward import BATCH
from kerasvgg.process.threads import processors
from kerasvgg.runs.inference import Inference
from kerasvgg.settings import Engine

CSV, PARQUET, BAD = "predictions.csv", "predictions.parquet", "bad.csv"
ROWS = 10_000  # that are written at a time


@dataclass(frozen=True)
class PredictionTask:
    """A model's file that was judged, by which pictures are predicted; `suffix` is that of its name."""

    model: bytes
    suffix: str
    engine: Engine
    unknown: bool

    @property
    def about(self) -> dict[str, Any]:
        """What the results depend on, as JSON values."""
        return {
            "predictions by the model": hashlib.sha256(self.model).hexdigest(),
            "distances": self.unknown,
            "decoder": f"{DECODER_VERSION}, Pillow {version('pillow')}",
            **settings(self.engine, processors()),
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

    def __call__(self, contents: Sequence[bytes], images: np.ndarray) -> list[Result]:
        """Returns the rows of these pictures."""
        rows = (
            np.array([*row, *([] if distance is None else [distance])], dtype="<f4")
            for row, distance in self._see(images)
        )
        return [(content, row.tobytes()) for content, row in zip(contents, rows, strict=True)]

    def flush(self) -> list[Result]:
        """Returns nothing: nothing is held back."""
        return []


def write_tables(ledger: Ledger, folder: Path, about: Description, unknown: bool) -> None:
    """Writes predictions.csv, predictions.parquet where pyarrow is installed, and bad.csv, row by row."""
    with replacing(folder / CSV) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        distance = ["distance"] if unknown else []
        write_rows(file, [[*FIXED, *distance, *(f"p:{name}" for name in about.class_names)]])
        write_rows(file, (_as_text(one) for one, _ in _predictions(ledger, about, unknown)))
    with replacing(folder / BAD) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [["path", "reason"]])
        bad = (seen for seen, _ in ledger.rows() if seen.reason)
        write_rows(file, ([printable(seen.address), printable(seen.reason or "")] for seen in bad))
    _write_parquet(ledger, folder / PARQUET, about, unknown)


def _predictions(ledger: Ledger, about: Description, unknown: bool) -> Iterator[tuple[Prediction, Seen]]:
    for seen, payload in ledger.rows():
        if payload is not None:
            row = np.frombuffer(payload, "<f4")
            row, distance = (row[:-1], float(row[-1])) if unknown else (row, None)
            said = called(row, about.class_names, about.thresholds)
            yield Prediction(printable(seen.address), printable(seen.label), said, tuple(row.tolist()), distance), seen


def _as_text(one: Prediction) -> list[str]:
    numbers = one.probabilities if one.distance is None else (one.distance, *one.probabilities)
    return [one.path, one.true, one.predicted, *map("{:.9g}".format, numbers)]


def _write_parquet(ledger: Ledger, path: Path, about: Description, unknown: bool) -> None:
    try:
        import pyarrow as arrow
        from pyarrow.parquet import ParquetWriter
    except ImportError:
        return
    columns = [(name, arrow.string()) for name in (*FIXED, "sha256")]
    columns += [("distance", arrow.float32())] if unknown else []
    columns += [(f"p:{name}", arrow.float32()) for name in about.class_names]
    schema = arrow.schema(columns)
    with replacing(path) as temporary, ParquetWriter(temporary, schema) as writer:
        rows: list[tuple[Any, ...]] = []

        def put() -> None:
            arrays = zip(schema, zip(*rows, strict=True), strict=True)
            writer.write_table(arrow.table([arrow.array(values, one.type) for one, values in arrays], schema=schema))
            rows.clear()

        for one, seen in _predictions(ledger, about, unknown):
            sha256 = (seen.sha256 or b"").hex()
            far = () if one.distance is None else (one.distance,)
            rows.append((one.path, one.true, one.predicted, sha256, *far, *one.probabilities))
            if len(rows) == ROWS:
                put()
        if rows:
            put()
