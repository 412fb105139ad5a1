"""What is in a run for its pages: predictions in order, where their pictures lie, and small forms of these."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.data.pictures.decode import decode, size_of
from kerasvgg.errors import DataError, KerasVGGError
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.report.worst import jpeg
from kerasvgg.runs.pictures import RunPicture, run_pictures

MOST_RUNS = 4
MOST_BYTES = 64_000_000  # of small pictures that are kept
SMALL, LARGE = 160, 900  # pixels of the longer side


@dataclass(frozen=True)
class Contents:
    """A run's predictions, and its pictures by name; `names` are all of its split in order, `gone` says why none."""

    class_names: tuple[str, ...]
    predictions: Sequence[Prediction]
    pictures: dict[str, RunPicture]
    names: Sequence[str]
    gone: str

    def prediction(self, number: int) -> Prediction:
        """Returns one by its place. Raises DataError where there is none."""
        if not 0 <= number < len(self.predictions):
            raise DataError("there is no such picture")
        return self.predictions[number]

    def picture(self, name: str) -> RunPicture:
        """Returns where a picture lies. Raises DataError for one that is gone."""
        if name not in self.pictures:
            raise DataError(self.gone or "the picture is no longer there")
        return self.pictures[name]

    def rows(self) -> list[list[Any]]:
        """Returns for each prediction its name, true and predicted class, and highest probability."""
        return [[one.path, one.true, one.predicted, round(max(one.probabilities), 4)] for one in self.predictions]


class ThumbnailCache:
    """The contents of runs that were looked at last, and small pictures, so many as fit."""

    def __init__(self) -> None:
        self._runs: OrderedDict[tuple[Path, float], Contents] = OrderedDict()
        self._small: OrderedDict[tuple[Path, float, int], bytes] = OrderedDict()
        self._bytes = 0
        self._turn = threading.Lock()

    def contents(self, folder: RunFolder) -> Contents:
        """Returns what is in a run. Raises DataError for one without predictions."""
        try:
            key = folder.path, folder.predictions.stat().st_mtime
        except OSError as error:
            raise DataError("this run has no predictions yet") from error
        with self._turn:
            if key not in self._runs:
                self._runs[key] = _contents(folder)
            self._runs.move_to_end(key)
            while len(self._runs) > MOST_RUNS:
                self._runs.popitem(last=False)
            return self._runs[key]

    def small(self, path: Path, side: int = SMALL) -> bytes:
        """Returns a picture with this longer side, as JPEG. Raises DataError for what is none any more."""
        try:
            key = path, path.stat().st_mtime, side
        except OSError as error:
            raise DataError("the picture is no longer there") from error
        with self._turn:
            if key in self._small:
                self._small.move_to_end(key)
                return self._small[key]
        made = small_picture(path, side)
        with self._turn:
            self._bytes += len(made) - len(self._small.get(key, b""))
            self._small[key] = made
            while self._bytes > MOST_BYTES:
                self._bytes -= len(self._small.popitem(last=False)[1])
        return made


def small_picture(path: Path, side: int) -> bytes:
    """Returns a picture with this longer side at most, as JPEG, by the one decoder. Raises DataError."""
    width, height = size_of(path)
    scale = min(1.0, side / max(width, height, 1))
    return jpeg(decode(path, (max(1, round(height * scale)), max(1, round(width * scale)))), side)


def _contents(folder: RunFolder) -> Contents:
    names, predictions = read_predictions(folder.predictions)
    try:
        pictures, gone = {one.name: one for one in run_pictures(folder)}, ""
    except (KerasVGGError, OSError) as error:
        pictures, gone = {}, str(error)
    return Contents(names, predictions, pictures, list(pictures), gone)
