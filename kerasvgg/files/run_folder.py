"""The run folder: the only place that knows what its files are called."""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.atomic import sweep, write_text
from kerasvgg.files.lock import locked
from kerasvgg.files.reading import read_small
from kerasvgg.files.text import write_rows

COLUMNS = ("phase", "epoch", "loss", "accuracy", "val_loss", "val_accuracy")
ITERATION_COLUMNS = ("phase", "epoch", "iteration", "loss", "accuracy")
LAYER_COLUMNS = ("layer", "parameters", "trained_in", "moved")
WHOLE = ("epoch", "iteration")
LAST = 10_000_000  # epochs or iterations
LONGEST = 20_000_000  # bytes of a history; an epoch or iteration takes about 70
EXPORTED = "export.json"  # in every folder of exports
STATES = f"state-{'[0-9]' * 6}.zip"


class RunFolder:
    """One run's folder. Paths to its files are attributes; what they hold is said in docs/run-folder.md."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.experiment = path / "experiment.yaml"
        self.split = path / "split.csv"
        self.environment = path / "environment.json"
        self.history = path / "history.csv"
        self.iterations = path / "iterations.csv"
        self.layers = path / "layers.csv"
        self.choices = path / "choices.csv"
        self.fits = path / "fits.csv"
        self.predictions = path / "predictions.csv"
        self.metrics = path / "metrics.json"
        self.model_h5 = path / "model.h5"
        self.model_keras = path / "model.keras"
        self.curves, self.iteration_curves = path / "curves.png", path / "iterations.png"
        self.confusion = path / "confusion.png"
        self.classes, self.reliability = path / "classes.png", path / "reliability.png"
        self.mistakes = path / "mistakes.png"
        self.worst = path / "worst"
        self.data = path / "data.json"
        self.progress = path / "progress.json"
        self.lock = path / ".lock"
        self.report, self.card = path / "report.html", path / "card.md"
        self.pictures = path / "pictures"
        self.evaluations, self.exports = path / "evaluations", path / "exports"
        self.exported = self.exports / EXPORTED
        self.checkpoints = path / "checkpoints"
        self.best = self.checkpoints / "best.keras"
        self.decisions = self.checkpoints / "decisions.json"

    @property
    def is_there(self) -> bool:
        """Tells a run's folder from others, which may hold a split.csv, too."""
        return any(path.is_file() for path in (self.experiment, self.environment, self.history, self.metrics))

    @classmethod
    def create(cls, runs: Path, name: str) -> "RunFolder":
        """Makes runs/name/N with the first N that is free."""
        parent = runs / name
        parent.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(path.name) for path in parent.iterdir() if path.name.isdigit()), default=0)
        while True:
            try:
                (parent / str(number)).mkdir()
            except FileExistsError:  # another process took it
                number += 1
            else:
                return cls(parent / str(number))

    @classmethod
    def newest(cls, runs: Path, name: str) -> "RunFolder | None":
        """Returns the runs/name/N with the highest N, or None where there is none."""
        return next(iter(cls.from_newest(runs, name)), None)

    @classmethod
    def from_newest(cls, runs: Path, name: str) -> "list[RunFolder]":
        """Returns all runs/name/N, the one with the highest N first."""
        parent = runs / name
        numbers = [int(path.name) for path in parent.iterdir() if path.name.isdigit()] if parent.is_dir() else []
        return [cls(parent / str(number)) for number in sorted(numbers, reverse=True)]

    @property
    def is_finished(self) -> bool:
        """Tells whether the run came to its end, which the metrics say."""
        return self.metrics.is_file()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keeps other processes out of the folder during the block, and clears what a killed one has left.

        Raises DataError, naming the other process, while one is at work in it.
        """
        with locked(self.lock):
            for folder in (self.path, self.checkpoints):
                sweep(folder)
            yield

    def states(self) -> list[Path]:
        """Returns the files of the states that a training can go on from, the oldest first."""
        return sorted(self.checkpoints.glob(STATES))

    def remove_checkpoints(self) -> None:
        """Removes what only an unfinished run needs."""
        for path in (*self.states(), self.best, self.decisions):
            path.unlink(missing_ok=True)
        with suppress(OSError):  # somebody else's files are in it, or it was never made
            self.checkpoints.rmdir()

    def fold(self, repeat: int, number: int, count: int) -> Path:
        """Returns where the predictions of one of so many folds are kept while a cross-validation goes on."""
        return self.path / f"fold-{repeat}-{number}-of-{count}.csv"

    def remove_folds(self) -> None:
        """Removes what only an unfinished cross-validation needs."""
        for path in self.path.glob("fold-*-*.csv"):
            path.unlink(missing_ok=True)

    def remove_results(self) -> None:
        """Removes what a run that is replaced has left, and a new one need not write."""
        told = self.metrics, self.iterations, self.layers, self.choices, self.fits, self.data, self.exported
        for path in (*told, self.curves, self.report, self.card):
            path.unlink(missing_ok=True)
        self.remove_checkpoints()

    @classmethod
    def open(cls, path: Path) -> "RunFolder":
        """Takes a folder that a run wrote. Raises DataError for any other."""
        folder = cls(path)
        if not folder.history.is_file():
            raise DataError(f"`{path}` must be a run folder with {folder.history.name} in it, received none")
        return folder

    def write_history(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one line per epoch; numbers as short as they are exact, no clock columns."""
        _write(self.history, rows)

    def read_history(self) -> list[dict[str, Any]]:
        """Returns the epochs: phase as text, epoch as int, the rest as floats. Raises DataError for anything else."""
        return _read(self.history, COLUMNS)

    def write_iterations(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one line per training batch, as the history has one per epoch."""
        _write(self.iterations, rows)

    def read_iterations(self) -> list[dict[str, Any]]:
        """Returns the batches: phase as text, epoch and iteration as int, the rest as floats. Raises DataError."""
        if not self.iterations.is_file():
            raise DataError(f"`{self.path}` must have noted its batches (`log_iterations: true`), received none")
        return _read(self.iterations, ITERATION_COLUMNS)

    def write_layers(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one line per layer with weights: what trained it and how far it moved."""
        _write(self.layers, rows)

    def write_choices(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one line per head that was tried, the best first."""
        _write(self.choices, rows)

    def write_fits(self, rows: Sequence[dict[str, Any]]) -> None:
        """Writes one line per `data.fit` that was compared."""
        _write(self.fits, rows)

    def read_layers(self) -> list[dict[str, Any]]:
        """Returns the layers: names as text, parameters as int, how far they moved as float. Raises DataError."""
        try:
            rows = list(csv.DictReader(StringIO(read_small(self.layers, LONGEST), newline="")))
            named = [{name: row[name] for name in LAYER_COLUMNS} for row in rows]
            if any(None in row.values() for row in named):
                raise ValueError("a line is too short")
            return [{**row, "parameters": int(row["parameters"]), "moved": float(row["moved"])} for row in named]
        except (csv.Error, LookupError, TypeError, ValueError) as error:
            raise DataError(f"`{self.layers}` is damaged: {str(error)[:200]}") from error

    def write_json(self, path: Path, content: dict[str, Any]) -> None:
        """Writes one of the JSON files."""
        write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


@contextmanager
def new_folder(output: Path | None, parent: Path, name: str) -> Iterator[RunFolder]:
    """Yields `output`, or parent/name/N with the first N that is free; what stays empty is removed again.

    Raises ConfigError for an output that stands already, unless it is an empty folder, and where nothing can be made.
    """
    place = output or parent / name
    made = [one for one in (place, *place.parents) if not one.exists()]
    try:
        if output is not None and output.is_dir() and any(output.iterdir()):
            raise ConfigError(f"`--output` must be a new folder or an empty one, received {output} with files in it")
        if output is None:
            folder = RunFolder.create(parent, name)
        else:
            output.mkdir(parents=True, exist_ok=True)
            folder = RunFolder(output)
    except OSError as error:
        received = output or f"none, and {place} is not"
        reason = error.strerror or error
        raise ConfigError(f"`--output` must be a folder that can be written, received {received}: {reason}") from error
    try:
        yield folder
    finally:
        with suppress(OSError):  # there is something in it
            for one in dict.fromkeys((folder.path, *made)):
                one.rmdir()


def run_names(paths: Sequence[Path]) -> list[str]:
    """Returns the end of each path, long enough to tell them apart; one alone needs no name."""
    parts = [path.absolute().parts for path in paths]
    if len(parts) == 1:
        return [""]
    for count in range(2, max(map(len, parts)) + 1):
        names = ["/".join(one[-count:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    text = StringIO()
    write_rows(text, [list(rows[0]), *([str(value) for value in row.values()] for row in rows)])
    write_text(path, text.getvalue())


def _read(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    try:
        rows = csv.DictReader(StringIO(read_small(path, LONGEST), newline=""))
        if lacking := [name for name in columns if name not in (rows.fieldnames or ())]:
            raise ValueError(f"it lacks {', '.join(lacking)}")
        return [_typed(row) for row in rows]
    except (csv.Error, TypeError, ValueError) as error:
        raise DataError(f"`{path}` is damaged: {str(error)[:200]}") from error


def _typed(row: dict[str, str]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in row.items():
        typed[name] = value if name == "phase" else int(value) if name in WHOLE else float(value)
        if name in WHOLE and not 0 < typed[name] <= LAST:
            raise ValueError(f"there is no {name} {value}")
    return typed
