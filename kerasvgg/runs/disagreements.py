"""The pictures on which runs differ: a table of them, and where they lie now."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasvgg.data.pictures.decode import decode
from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.aligned import AlignedPredictions, Key
from kerasvgg.files.atomic import replacing
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.reading import read_small, why_not_plain
from kerasvgg.files.text import write_rows
from kerasvgg.report.comparison import Difference, Shown
from kerasvgg.report.worst import jpeg_address
from kerasvgg.runs.pictures import run_pictures

SIDE = 224  # pixels of a picture that is shown
MOST_SHOWN = 48  # pictures of a page


def disagreements(runs: Sequence[AlignedPredictions]) -> list[Key]:
    """Returns the pictures that not all runs call the same, the one first on whose class they differ most.

    Of several classes for a picture, it is the class on which they differ most.
    """
    found = [key for key in runs[0].predictions if len({run.predictions[key].predicted for run in runs}) > 1]
    return sorted(found, key=lambda key: -_spread(runs, key))


def write_disagreements(
    path: Path, names: Sequence[str], runs: Sequence[AlignedPredictions], keys: Sequence[Key]
) -> None:
    """Writes one line per picture: path, true class, and of each run what it says and how probable it takes that."""
    columns = [column for name in names for column in (f"predicted:{name}", f"p:{name}")]
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        write_rows(file, [["path", "true", *columns]])
        for key in keys:
            said = [run.predictions[key] for run in runs]
            shares = [run.confidence(one) for run, one in zip(runs, said, strict=True)]
            cells = [cell for one, share in zip(said, shares, strict=True) for cell in (one.predicted, f"{share:.9g}")]
            write_rows(file, [[said[0].path, said[0].true, *cells]])


def shown_of(names: Sequence[str], runs: Sequence[AlignedPredictions]) -> Shown:
    """Returns what a page shows of several runs: histories, and the pictures on which they differ most."""
    keys, pictures = disagreements(runs), PictureFinder(runs)
    histories = {
        name: run.folder.read_history() for name, run in zip(names, runs, strict=True) if run.folder.history.is_file()
    }
    differences = []
    for key in keys[:MOST_SHOWN]:
        said = [
            (name, run.predictions[key].predicted, run.confidence(run.predictions[key]))
            for name, run in zip(names, runs, strict=True)
        ]
        first, pixels = runs[0].predictions[key], pictures.pixels(key)
        differences.append(Difference(first.path, first.true, said, "" if pixels is None else jpeg_address(pixels)))
    return Shown(histories, differences, len(keys))


class PictureFinder:
    """Pictures of runs, looked for in their data sets and shown only if their contents are still the same."""

    def __init__(self, runs: Sequence[AlignedPredictions]) -> None:
        self._runs = runs
        self._places = [_places(run) for run in runs]

    def pixels(self, key: Key) -> np.ndarray | None:
        """Returns the picture, uint8 (height, width, 3), or None where no run's data set has it any more."""
        for run, places in zip(self._runs, self._places, strict=True):
            name = run.predictions[key].path
            try:
                path = places.get(name)
                if path and not why_not_plain(path) and content_hash(path) == run.contents.get(name):
                    return decode(path, (SIDE, SIDE))
            except (KerasVGGError, OSError):
                continue
        return None


def _spread(runs: Sequence[AlignedPredictions], key: Key) -> float:
    names = runs[0].class_names if runs[0].multi_label else (key[1],)
    shares = [[run.predictions[key].probabilities[run.class_names.index(name)] for run in runs] for name in names]
    return max(max(one) - min(one) for one in shares)


def _places(run: AlignedPredictions) -> dict[str, Path]:
    """Returns where the pictures of a run, or of an evaluation, lay when they were scored, so far as they are there."""
    try:
        if run.folder.experiment.is_file():
            return {one.name: one.path for one in run_pictures(run.folder)}
        root = Path(json.loads(read_small(run.folder.environment))["pictures"])
        return {name: root / name for name in run.contents}
    except (KerasVGGError, OSError, ValueError, LookupError, TypeError, RecursionError):
        return {}
