"""The experiment by which a small network learns what a finished run says, which `kerasvgg distill` writes and runs."""

import json
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.config.variants import ALL
from kerasvgg.config.writer import dump_experiment
from kerasvgg.errors import ConfigError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say
from kerasvgg.runs.feature_folder import is_feature_folder
from kerasvgg.runs.starter import require_writable

Size = Literal["small", "tiny"]
DISTILLED, ALONE = "distilled", "labels_alone"
BATCH_SIZE, DROPOUT, VIEWS = 32, 0.2, 12
MOST_NAMES = 1000
PHASES = ((60, 1e-3), (25, 3e-4), (15, 1e-4))  # epochs, and the rate of each
FROM_LABELS = f"""\
variants:
  {DISTILLED}: {{}}
  {ALONE}: {{distill: null, augment_copies: fresh}}
default: [{DISTILLED}, {ALONE}]
"""


class Student(NamedTuple):
    """A base, and the side of its pictures in pixels."""

    base: str
    side: int


STUDENTS: dict[Size, Student] = {"small": Student("mobilenet_050", 160), "tiny": Student("mobilenet_025", 128)}


def write_student(teacher: Path, size: Size, runs: Path) -> Path:
    """Writes the experiment of a run's student below `runs`, or finds it there; returns its file.

    It has two variants: one learns from the teacher, one from the labels alone. Raises ConfigError for a run that can't
    be a teacher.
    """
    require_writable("RUN", teacher)
    run = RunFolder.open(teacher)
    if not run.is_finished:
        raise ConfigError(f"`RUN` must be finished: `kerasvgg run {teacher} --resume` goes on with it")
    experiment = load_experiments(run.experiment)[""]
    if experiment.data.split and experiment.data.split.folds:
        raise ConfigError(
            "`RUN` must have held pictures out, received one that was fitted on all of them after folds: "
            "`data.split={validation: 0.25, test: 0.25}` gives it parts"
        )
    if is_feature_folder(experiment.data.dataset):
        raise ConfigError("`RUN` must have been trained on pictures in files, received one on a folder of features")
    student = dump_experiment(_student(experiment, run, STUDENTS[size])) + FROM_LABELS
    for number in range(1, MOST_NAMES):
        path = runs / f"{_name(run)}-{size}{'' if number == 1 else f'-{number}'}.yaml"
        about = f"# A {size} student of {teacher}, and the same network on labels alone.\n#   kerasvgg run {path}\n"
        if not path.exists():
            write_text(path, about + student)
            say(escape(f"experiment: {path}"))
            return path
        if _is_of(path, run):
            is_same = read_small(path) == about + student
            say(escape(f"experiment: {path}{'' if is_same else ', as it was found there'}"))
            return path
    raise ConfigError(f"`--runs` must be a folder with fewer students, received {runs}")


def _is_of(path: Path, run: RunFolder) -> bool:
    """Tells whether a file is the experiment of a student of this run."""
    asked = load_experiments(path, variants=(ALL,)).get(DISTILLED)
    return bool(asked and asked.distill and Path(asked.distill.teacher).resolve() == run.path.resolve())


def is_student(path: Path) -> bool:
    """Tells whether it is the folder of a run that has learnt from another."""
    run = RunFolder(path)
    return run.experiment.is_file() and load_experiments(run.experiment)[""].distill is not None


def _name(run: RunFolder) -> str:
    """Returns what a run's student is called after: the run's experiment and number."""
    folder = run.path.resolve()
    return f"{folder.parent.name}-{folder.name}"


def _student(experiment: Experiment, run: RunFolder, student: Student) -> Experiment:
    data = experiment.data.model_dump()
    data |= {"image_size": (student.side, student.side), "interpolation": "bilinear", "batch_size": BATCH_SIZE}
    if experiment.data.split is not None:
        data["parts_of"] = str(run.split)
    head = {"pooling": "average", "dropout": 0.0, "input_dropout": DROPOUT, "output": "softmax"}
    phases = [{"layers": "*", "epochs": n, "optimizer": "adam", "learning_rate": rate} for n, rate in PHASES]
    augment = {"crop_scale": (0.35, 1.0), "horizontal_flip": _is_mirrored(experiment, run), "rotation_range": 15}
    return Experiment.model_validate(
        {
            "seed": experiment.seed,
            "data": data,
            "augment": augment,
            "augment_copies": VIEWS,
            "model": {"base": student.base, "weights": None, "preprocessing": "half", "head": head},
            "distill": {"teacher": str(run.path)},
            "train": phases,
        }
    )


def _is_mirrored(experiment: Experiment, run: RunFolder) -> bool:
    """Tells whether the teacher takes mirror images for pictures of the same class; those of letters are not."""
    shown = experiment.augment is not None and experiment.augment.horizontal_flip
    found: dict[str, Any] = json.loads(read_small(run.metrics))
    tuned = found.get("fine_tuning") or {}
    return bool(shown or experiment.test_time_flip or tuned.get("mirrored"))
