"""From an experiment to a run folder."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.atomic import write_text
from kerasvgg.config.did_you_mean import did_you_mean
from kerasvgg.config.dump import dump_experiment
from kerasvgg.config.experiment import Experiment
from kerasvgg.data import catalog
from kerasvgg.data.augment import Augmentation
from kerasvgg.data.manifest import printable, write_manifest
from kerasvgg.data.pictures import FilePictures
from kerasvgg.data.split import Split, plan_split
from kerasvgg.environment import environment
from kerasvgg.errors import DataError
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import Prediction, write_predictions
from kerasvgg.features.frozen import Frozen
from kerasvgg.home import cache
from kerasvgg.models.forward import class_probabilities
from kerasvgg.plots.confusion import draw_confusion
from kerasvgg.progress import say
from kerasvgg.recipes.build import Classifier, build, freeze
from kerasvgg.recipes.classifier import Trained, train_classifier
from kerasvgg.recipes.phase import Phase
from kerasvgg.run_folder import RunFolder


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its figures (see `metrics`), how many pictures it used and how long it took."""

    folder: RunFolder
    metrics: dict[str, Any]
    images: int
    seconds: float


@dataclass(frozen=True)
class Prepared:
    """An experiment that is ready to train: nothing has been written, and what could be wrong with it is not."""

    experiment: Experiment
    split: Split
    phases: list[Phase]
    classifier: Classifier
    seconds: float


def prepare(experiment: Experiment) -> Prepared:
    """Splits the pictures and builds the model. Raises a KerasVGGError for what can't be run."""
    started = time.monotonic()
    split = split_pictures(experiment)
    phases = [Phase(**phase.model_dump()) for phase in experiment.train]
    classifier = _build(experiment, split, phases)
    return Prepared(experiment, split, phases, classifier, time.monotonic() - started)


def run(prepared: Prepared, name: str, runs: Path) -> Outcome:
    """Trains, scores once and writes everything to a new folder runs/name/N."""
    started = time.monotonic() - prepared.seconds
    split = prepared.split
    folder = RunFolder.create(runs, name)
    say(f"{name}: {len(split.pictures):,} pictures of {len(split.classes)} classes, into {folder.path}")
    write_text(folder.experiment, dump_experiment(prepared.experiment))
    write_manifest(folder.split, split.pictures)
    folder.write_json(folder.environment, environment())
    with freeze(
        prepared.classifier, prepared.phases, cache() / "features", prepared.experiment.feature_dtype
    ) as frozen:
        _train(prepared, folder, frozen)
        scored = _score(prepared, frozen, folder)
    seconds = time.monotonic() - started
    about = {**environment(), "frozen_layers": frozen.facts(), "seconds": round(seconds, 1)}
    folder.write_json(folder.environment, about)
    return Outcome(folder, scored, len(split.pictures), seconds)


def split_pictures(experiment: Experiment) -> Split:
    """Returns the experiment's split; what is no picture is said on stderr and left out."""
    data = experiment.data
    amounts = data.split.model_dump() if data.split else {}
    split = plan_split(_source(data.dataset), **amounts, classes=data.classes, seed=experiment.seed)
    for path, reason in split.left_out:
        say(f"left out: {printable(path)}: {reason}")
    return split


def _source(dataset: str) -> Path:
    if dataset in catalog.CATALOG:
        return catalog.source(dataset)
    if not Path(dataset).exists():
        allowed = f"a folder of pictures or one of {', '.join(catalog.CATALOG)}"
        question = did_you_mean(dataset, catalog.CATALOG)
        raise DataError(f"`data.dataset` must be {allowed}; received {dataset!r}, which is neither{question}")
    return Path(dataset)


def _build(experiment: Experiment, split: Split, phases: list[Phase]) -> Classifier:
    model = experiment.model
    return build(
        phases,
        class_names=split.classes,
        image_size=experiment.data.image_size,
        base=model.base,
        weights=model.weights,
        preprocessing=model.preprocessing,
        **model.head.model_dump(),
        interpolation=experiment.data.interpolation,
        seed=experiment.seed,
        experiment=dump_experiment(experiment),
    )


def _train(prepared: Prepared, folder: RunFolder, frozen: Frozen) -> Trained:
    experiment = prepared.experiment
    copies = experiment.augment_copies
    return train_classifier(
        prepared.classifier,
        prepared.phases,
        _pictures(prepared, "train"),
        _pictures(prepared, "validation"),
        batch_size=experiment.data.batch_size,
        augmentation=Augmentation(**experiment.augment.model_dump()) if experiment.augment else None,
        augment_copies=None if copies == "fresh" else copies,
        keep=experiment.keep,
        seed=experiment.seed,
        frozen=frozen,
        run_folder=folder.path,
    )


def _pictures(prepared: Prepared, part: str) -> FilePictures:
    split, data = prepared.split, prepared.experiment.data
    return FilePictures.of_split(split.root, split.part(part), split.classes, data.image_size, data.interpolation)


def _score(prepared: Prepared, frozen: Frozen, folder: RunFolder) -> dict[str, Any]:
    """Scores the test split, or validation where there is none, in one pass."""
    split = prepared.split
    scored = "test" if split.part("test") else "validation"
    rows = np.concatenate([class_probabilities(rows) for rows in frozen.outputs(_pictures(prepared, scored))])
    predictions = [
        Prediction(printable(picture.path), picture.label, split.classes[int(row.argmax())], tuple(map(float, row)))
        for picture, row in zip(split.part(scored), rows, strict=True)
    ]
    write_predictions(folder.predictions, split.classes, predictions)
    figures = _with_split(metrics(split.classes, predictions), scored, split)
    folder.write_json(folder.metrics, figures)
    draw_confusion(figures["confusion"], split.classes, folder.confusion, f"{scored}, {len(predictions):,} pictures")
    return figures


def _with_split(figures: dict[str, Any], scored: str, split: Split) -> dict[str, Any]:
    role = "scored once" if scored == "test" else "selected on"
    return {"split": scored, "role": role, "split_sha256": split.sha256, **figures}
