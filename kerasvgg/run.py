"""From an experiment that is prepared to a run folder."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.atomic import write_text
from kerasvgg.config.dump import dump_experiment
from kerasvgg.config.experiment import Experiment
from kerasvgg.data.augment import Augmentation
from kerasvgg.data.manifest import write_manifest
from kerasvgg.data.pictures import FilePictures
from kerasvgg.data.small_text import read_small
from kerasvgg.environment import environment
from kerasvgg.errors import DataError
from kerasvgg.features.frozen import Frozen
from kerasvgg.home import cache
from kerasvgg.plots.confusion import draw_confusion
from kerasvgg.prepare import Prepared
from kerasvgg.progress import say
from kerasvgg.recipes.build import freeze
from kerasvgg.recipes.classifier import Trained, train_classifier
from kerasvgg.run_folder import RunFolder
from kerasvgg.score import score
from kerasvgg.weights.fingerprint import fingerprint


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its figures (see `metrics`), how many pictures it used and how long it took."""

    folder: RunFolder
    metrics: dict[str, Any]
    images: int
    seconds: float


def run(prepared: Prepared, name: str, runs: Path) -> Outcome:
    """Trains, scores once and writes everything to a new folder runs/name/N, or goes on with the prepared one.

    Raises BusyError if another process is at work in that folder.
    """
    started = time.monotonic() - prepared.seconds
    folder = prepared.folder or RunFolder.create(runs, name)
    with folder.held():
        pictures, into = prepared.split.pictures, "going on in" if prepared.folder else "into"
        say(f"{name}: {len(pictures):,} pictures of {len(prepared.split.classes)} classes, {into} {folder.path}")
        if not folder.split.is_file():
            _describe(prepared, folder)
        with freeze(
            prepared.classifier,
            prepared.phases,
            cache() / "features",
            dtype=prepared.experiment.feature_dtype,
            on_bad_file="skip" if prepared.force else prepared.experiment.data.on_bad_file,
        ) as frozen:
            trained = _train(prepared, folder, frozen)
            _describe(prepared, folder)  # a resumed run may have been changed by force
            figures = _score(prepared, frozen, folder)
        about: dict[str, Any] = {"frozen_layers": frozen.facts(), "resumed_after": trained.resumed_after}
        about |= {"skipped": frozen.bad_files.found, "seconds": round(time.monotonic() - started, 1)}
        about["images"] = len(prepared.split.pictures)
        folder.write_json(folder.environment, {**environment(), **about})
        folder.write_json(folder.metrics, figures)  # the last of all: it says that the run is finished
        folder.remove_checkpoints()
    return finished(folder)


def finished(folder: RunFolder) -> Outcome:
    """Returns what a finished run came to. Raises DataError for a folder that no run has written."""
    try:
        figures, about = (json.loads(read_small(path)) for path in (folder.metrics, folder.environment))
        interval = tuple(map(float, figures["interval_95"]))
        figures |= {"accuracy": float(figures["accuracy"]), "interval_95": interval}
        return Outcome(folder, figures, int(about["images"]), float(about["seconds"]))
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise DataError(f"`{folder.path}` must be a finished run; reading its figures failed: {error!r}") from error


def _describe(prepared: Prepared, folder: RunFolder) -> None:
    write_text(folder.experiment, dump_experiment(prepared.experiment))
    folder.write_json(folder.environment, environment())
    write_manifest(folder.split, prepared.split.pictures)  # the last, because a folder with it can be resumed


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
        log_iterations=experiment.log_iterations,
        seed=experiment.seed,
        frozen=frozen,
        run_folder=folder.path,
        resume=prepared.folder is not None,
        force=prepared.force,
    )


def _pictures(prepared: Prepared, part: str) -> FilePictures:
    split, data = prepared.split, prepared.experiment.data
    return FilePictures.of_split(split.root, split.part(part), split.classes, data.image_size, data.interpolation)


def _score(prepared: Prepared, frozen: Frozen, folder: RunFolder) -> dict[str, Any]:
    """Scores the test split, or validation where there is none; returns the figures."""
    split = prepared.split
    scored = "test" if split.part("test") else "validation"
    how: dict[str, Any] = {
        "passes": prepared.experiment.stochastic_passes,
        "mirrored": prepared.experiment.test_time_flip,
    }
    figures = score(frozen, _pictures(prepared, scored), split.part(scored), split.classes, folder, **how)
    draw_confusion(figures["confusion"], split.classes, folder.confusion, f"{scored}, {figures['n']:,} pictures")
    return {
        "split": scored,
        "role": "scored once" if scored == "test" else _role_of_validation(prepared.experiment),
        "split_sha256": split.sha256,
        "weights_sha256": fingerprint(prepared.classifier.model.weights),
        **figures,
    }


def _role_of_validation(experiment: Experiment) -> str:
    rules = [rule for phase in experiment.train for rule in (phase.early_stopping, phase.reduce_learning_rate) if rule]
    watched = experiment.keep == "best" or any(rule.monitor.startswith("val_") for rule in rules)
    return "selected on" if watched else "not selected on"
