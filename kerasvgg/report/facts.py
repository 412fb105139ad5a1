"""All that is known of a run, read from its folder alone; what is missing or damaged is told, and the rest stays."""

import csv
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from io import StringIO
from pathlib import Path
from typing import Any, Literal, TypeVar

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.data.folder.manifest import read_manifest
from kerasvgg.data.targets import classes_of
from kerasvgg.errors import ConfigError, DataError, KerasVGGError
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.files.reading import read_small, why_not_plain
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable
from kerasvgg.report.figures import Data, Environment, Exports, Figures, read_said

LARGEST = 100_000_000  # bytes of predictions or choices
LONGEST = 500  # letters of what is said about a file
PARTS = ("train", "validation", "test")
CROSS_VALIDATION = "crossvalidation"  # as its command calls the folder that they lie in
Found = TypeVar("Found")


@dataclass(frozen=True)
class Facts:
    """What a run folder holds. `damage` says in a sentence each what could not be read.

    `predictions` are those of a run that has them, in the order of the file; None or empty is what is not there (yet).
    """

    folder: RunFolder
    name: str
    damage: tuple[str, ...] = ()
    figures: Figures | None = None
    about: Environment | None = None
    data: Data | None = None
    experiment: Experiment | None = None
    text: str = ""
    history: Sequence[dict[str, Any]] = ()
    layers: Sequence[dict[str, Any]] = ()
    split: Sequence[dict[str, str]] = ()
    class_names: tuple[str, ...] = ()
    predictions: Sequence[Prediction] = ()
    choices: Sequence[dict[str, str]] = field(default=())
    exports: Exports | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the run came to its end and its figures can be read."""
        return self.figures is not None

    @property
    def kind(self) -> Literal["run", "cross-validation", "evaluation"]:
        """What has written the folder."""
        if not self.text:
            return "evaluation"
        return "cross-validation" if self.folder.path.absolute().parent.name == CROSS_VALIDATION else "run"

    @property
    def multi_label(self) -> bool:
        """Whether pictures may have several classes."""
        return bool(self.figures and self.figures.multi_label)

    @property
    def n(self) -> int:
        """How many pictures were scored, each counted once."""
        return self.figures.n // self.figures.repeats if self.figures else 0

    @cached_property
    def counts(self) -> dict[str, dict[str, int]]:
        """How many pictures each class has in each part of the split, so far as there are any."""
        several = self.multi_label
        found = Counter((one, row["split"]) for row in self.split for one in classes_of(row["class"], several))
        names = sorted({label for label, _ in found})
        return {label: {part: found[label, part] for part in PARTS if found[label, part]} for label in names}

    @cached_property
    def majority(self) -> tuple[str, float] | None:
        """The label that most of the scored pictures have, and its share: what guessing always the same comes to."""
        if not self.predictions:
            return None
        label, count = Counter(one.true for one in self.predictions).most_common(1)[0]
        return label, count / len(self.predictions)


def read_facts(path: Path) -> Facts:
    """Returns what is known of a run. Raises DataError for a folder that no run has written."""
    folder = RunFolder(path)
    if not folder.is_there:
        names = f"{folder.experiment.name} or {folder.history.name}"
        raise DataError(f"`{path}` must be a run folder with {names} in it, received none")
    damage: list[str] = []

    def read(file: Path, how: Callable[[Path], Found], otherwise: Found) -> Found:
        if not file.exists() and not file.is_symlink():
            return otherwise
        try:
            return how(file)
        except (csv.Error, KerasVGGError, OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            damage.append(" ".join(str(error).split())[:LONGEST] or f"`{file}` is damaged")
            return otherwise

    nothing: tuple[tuple[str, ...], list[Prediction]] = ((), [])
    figures = read(folder.metrics, lambda file: read_said(file, Figures), None)
    class_names, predictions = read(folder.predictions, partial(_predictions, figures=figures), nothing)
    return Facts(
        folder,
        printable("/".join(path.absolute().parts[-3:])),
        figures=figures,
        about=read(folder.environment, lambda file: read_said(file, Environment), None),
        data=read(folder.data, lambda file: read_said(file, Data), None),
        experiment=read(folder.experiment, _experiment, None),
        text=read(folder.experiment, read_small, ""),
        history=read(folder.history, lambda _: folder.read_history(), []),
        layers=read(folder.layers, lambda _: folder.read_layers(), []),
        split=read(folder.split, read_manifest, []),
        class_names=class_names,
        predictions=predictions,
        choices=read(folder.choices, _table, []),
        exports=read(folder.exported, lambda file: read_said(file, Exports), None),
        damage=tuple(damage),
    )


def _predictions(path: Path, figures: Figures | None) -> tuple[tuple[str, ...], list[Prediction]]:
    """Returns class names and predictions, each picture once. Raises DataError for a class that is none of them."""
    reason = why_not_plain(path) or (f"more than {LARGEST:,} bytes" if path.stat().st_size > LARGEST else None)
    if reason:
        raise DataError(f"`{path}` can't be read: {reason}")
    names, found = read_predictions(path)
    times, several = (figures.repeats, figures.multi_label) if figures else (1, False)
    known = set(names)
    if unknown := next((one for one in found if not known.issuperset(classes_of(one.true, several))), None):
        raise DataError(f"`{path}` must have true classes among {', '.join(names[:20])}; received {unknown.true!r}")
    return names, found[: len(found) // times] if len(found) % times == 0 else found


def _experiment(path: Path) -> Experiment:
    found = load_experiments(path)
    if len(found) != 1:
        raise ConfigError(f"`{path}` must be one experiment, received {len(found)}")
    return next(iter(found.values()))


def _table(path: Path) -> list[dict[str, str]]:
    rows = list(csv.DictReader(StringIO(read_small(path), newline="")))
    if any(None in row or None in row.values() for row in rows):
        raise DataError(f"`{path}` is damaged: its lines differ in length")
    return rows
