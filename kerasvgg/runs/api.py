"""What a program calls: the commands as functions, with plain arguments and results."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.config.shipped import experiment_path
from kerasvgg.data.folder.grouped_split import Amount
from kerasvgg.data.folder.scan import scan
from kerasvgg.data.folder.split import Split, plan_split
from kerasvgg.data.folder.split_folder import write_split_folder
from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.evaluation.aligned import AlignedPredictions, align_predictions
from kerasvgg.evaluation.compare import Pair, compare_runs
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.open.open import OpenedModel
from kerasvgg.modelfile.open.open import open_model as open_file
from kerasvgg.models.upgrade import Upgraded, upgrade_file
from kerasvgg.quality.report import Report, report
from kerasvgg.quality.survey import survey
from kerasvgg.runs.evaluate import Evaluation, evaluate_folder
from kerasvgg.runs.folder import experiment_for, holds_pictures, update_job
from kerasvgg.runs.jobs import Job, jobs
from kerasvgg.runs.pictures import data_folder
from kerasvgg.runs.predict import predict_any
from kerasvgg.runs.run import Outcome
from kerasvgg.runs.run import run as run_prepared
from kerasvgg.runs.starter import folder_name
from kerasvgg.runs.trained import Trained
from kerasvgg.settings import Engine

Name = str | PathLike[str]
Model = Name | Trained | OpenedModel


@dataclass(frozen=True)
class Comparison:
    """Runs that scored the same pictures: their figures (see `metrics`), and McNemar's test of each pair.

    Where pictures have several classes, a picture counts as right if all of them are, and `classes` has the test of
    each class, with Holm's correction for all of these.
    """

    runs: tuple[AlignedPredictions, ...]
    figures: tuple[dict[str, Any], ...]
    pairs: tuple[Pair, ...]
    classes: dict[str, tuple[Pair, ...]] = field(default_factory=dict)


def run(
    experiment: Name,
    *overrides: str,
    variant: str | Sequence[str] | None = None,
    runs: Name = "runs",
    resume: bool = False,
    force: bool = False,
    labels: Name | None = None,
    quick: bool = False,
    minutes: float | None = None,
    from_run: Name | None = None,
) -> dict[str, Outcome]:
    """Runs an experiment, a YAML file or a shipped one, or goes on with a run folder; returns what each variant made.

    For a folder of pictures the experiment is written below `runs`, as `kerasvgg init` would, and the outcome is under
    the folder's name: `labels` is a CSV file that says the classes, `quick` a first look, `minutes` about how long it
    may take; `from_run` is a finished run, whose settings are taken and whose pictures keep their part.
    `overrides` are settings such as "train.0.epochs=5". With `resume` the newest runs go on, and finished ones are
    left alone; with `force` also where something has changed. Raises a KerasVGGError for what can't be run.
    """
    path, csv = experiment_path(Path(experiment)), Path(labels) if labels is not None else None
    folder = folder_name(path) if holds_pictures(path) else ""
    into = Path(runs)
    how: dict[str, Any] = {"labels": csv, "resume": resume}
    if from_run is not None:
        others = {"variant": variant, "quick": quick, "minutes": minutes}
        done = _done([update_job(path, Path(from_run), into, overrides, **how, others=others)], into, force)
    else:
        picked = [variant] if isinstance(variant, str) else variant
        with experiment_for(path, into, quick=quick, minutes=minutes, **how) as file:
            done = _done(jobs(file, overrides, picked, into, resume=resume), into, force)
    return {folder or label: outcome for label, outcome in done.items()}


def _done(asked: Sequence[Job], runs: Path, force: bool) -> dict[str, Outcome]:
    ready = {job.name: job.prepare(force) for job in asked if not job.is_finished}
    return {
        job.label: job.finished() if job.is_finished else run_prepared(ready.pop(job.name), job.name, runs)
        for job in asked
    }


def predict(
    model: Model,
    pictures: Name | Iterable[Name] | np.ndarray,
    *,
    unknown: bool = False,
    engine: Engine | None = None,
) -> list[Prediction]:
    """Returns a prediction for each picture: of a file, a folder, several files, or an array.

    `model` is a run folder, a model file, or what `open_model` or a recipe has returned. An array is
    (n, height, width, 3), 0..255, of the model's size. With `unknown` each prediction has its `distance` too, above 1
    for a picture like none of the classes. `engine` is graph, xla or ncnn; None: what is fastest. Raises DataError for
    a file that is no picture, in a folder such are passed over; ModelFileError for a model that can't tell what is
    unknown.
    """
    opened, description = _described(model)
    return predict_any(opened, description, pictures, unknown, engine)


def evaluate(model: Model, pictures: Name, output: Name | None = None, *, engine: Engine | None = None) -> Evaluation:
    """Scores a model on class folders, or on a split folder's test part, and writes all that follows to `output`.

    Left out, that is a new folder below `evaluations`, in the run if the model is one's. The access to these pictures
    is counted. Raises DataError for classes that the model does not know.
    """
    opened, description = _described(model)
    folder = model.folder if isinstance(model, Trained) else None
    if not isinstance(model, Trained | OpenedModel) and Path(model).is_dir():
        folder = RunFolder(Path(model))
    return evaluate_folder(opened, description, Path(pictures), folder, output, engine=engine)


def compare(*runs: Name, common: bool = False) -> Comparison:
    """Compares runs, or evaluations, that scored the same pictures, or those `common` to them.

    Raises ConfigError for fewer than two, DataError for other pictures or classes.
    """
    if len(runs) < 2:
        raise ConfigError(f"`runs` must be at least two folders, received {len(runs)}")
    found = align_predictions([Path(one) for one in runs], common)
    figures = tuple(one.figures for one in found)
    pairs, classes = compare_runs(found)
    return Comparison(tuple(found), figures, tuple(pairs), {name: tuple(some) for name, some in classes.items()})


def open_model(path: Name) -> OpenedModel:
    """Opens a .keras or .h5 model of any Keras, or a run's, without running code from it.

    Raises ModelFileError for a file that is missing, damaged or dangerous, or that can't be upgraded to Keras 3.
    """
    folder = Path(path)
    return open_file(RunFolder.open(folder).model_keras if folder.is_dir() else folder)


def upgrade(old: Name, new: Name, architecture: Name | None = None, force: bool = False) -> Upgraded:
    """Writes an old model as what plain Keras 3 opens, .keras or .h5 by the suffix of `new`.

    `architecture` says of which model weights alone are. Raises ConfigError for a `new` that is there, unless `force`
    says that it may go, ModelFileError for what can't be upgraded.
    """
    return upgrade_file(Path(old), Path(new), str(architecture) if architecture is not None else None, force)


def check(pictures: Name, labels: Name | None = None) -> Report:
    """Looks through a folder of pictures, or a data set of the catalog, for what may be wrong with it.

    `labels` is a CSV file that says the classes instead of folders.
    """
    return report(survey(data_folder(str(pictures)), Path(labels) if labels is not None else None))


def split(
    pictures: Name,
    output: Name,
    *,
    labels: Name | None = None,
    train: Amount = None,
    validation: Amount = None,
    test: Amount = None,
    seed: int = 0,
    classes: Sequence[str] | None = None,
    stratify: bool = True,
    leave_out_last: int = 0,
    keep_together: bool = False,
    how: str = "copy",
    force: bool = False,
) -> Split:
    """Writes a folder of train, validation and test, and returns which picture went where.

    `labels` is a CSV file that says the classes instead of folders. `train`, `validation` and `test` are whole numbers
    of pictures per class, or fractions; these and the options up to `keep_together` are those of `plan_split`. `how` is
    copy, hardlink or symlink. Raises DataError for what can't be split, and for an `output` that holds something else.
    """
    planned = plan_split(
        scan(data_folder(str(pictures)), labels=Path(labels) if labels is not None else None),
        train=train,
        validation=validation,
        test=test,
        seed=seed,
        classes=classes,
        stratify=stratify,
        leave_out_last=leave_out_last,
        keep_together=keep_together,
    )
    write_split_folder(planned, Path(output), how, force)
    return planned


def _described(model: Model) -> tuple[Any, Description]:
    opened = model if isinstance(model, Trained | OpenedModel) else open_model(model)
    if opened.description is None:
        raise ModelFileError("`model` must say its class names and image size; kerasvgg did not write this one")
    return opened.model, opened.description
