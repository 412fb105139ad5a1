"""From an experiment that is prepared to a run folder."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.duplicates.pairs import exact_duplicates
from kerasvgg.data.folder.manifest import write_manifest
from kerasvgg.errors import DataError
from kerasvgg.evaluation.test_access import record_access, require_countable, scored_hash
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.atomic import write_text
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.environment import environment
from kerasvgg.process.progress import say
from kerasvgg.runs.auto import HeadOutputs, choice_rows, develop
from kerasvgg.runs.estimate import tell_time
from kerasvgg.runs.prepare import Prepared
from kerasvgg.runs.score import score, score_chosen
from kerasvgg.training.classifier import TrainingResult, train_classifier


@dataclass(frozen=True)
class Outcome:
    """A finished run: its folder, its figures (see `metrics`), how many pictures it used and how long it took.

    `test_seen` is how often its test split had been scored by then, None where there is none or nobody counted.
    """

    folder: RunFolder
    metrics: dict[str, Any]
    images: int
    seconds: float
    test_seen: int | None = None


def run(prepared: Prepared, name: str, runs: Path) -> Outcome:
    """Trains, scores once and writes everything to a new folder runs/name/N, or goes on with the prepared one.

    Raises BusyError if another process is at work in that folder, and ConfigError where the access to its test split
    can't be counted.
    """
    _require_countable(prepared)
    if prepared.experiment.auto and prepared.folder is None:
        tell_time(prepared)
    folder = prepared.folder or RunFolder.create(runs, name)
    train_and_score(prepared, folder, name)
    return finished(folder)


def train_and_score(prepared: Prepared, folder: RunFolder, name: str) -> TrainingResult:
    """Trains, scores once and writes everything to the folder. What was there of an earlier run is replaced."""
    started = time.monotonic() - prepared.seconds
    _require_countable(prepared)
    with folder.held():
        pictures, into = prepared.split.pictures, "going on in" if prepared.folder else "into"
        say(f"{name}: {len(pictures):,} pictures of {len(prepared.split.classes)} classes, {into} {folder.path}")
        if not prepared.folder or not folder.split.is_file():
            for left in (
                folder.metrics,
                folder.iterations,
                folder.layers,
                folder.choices,
                folder.curves,
            ):  # of a run that is replaced
                left.unlink(missing_ok=True)
            folder.remove_checkpoints()
            _describe(prepared, folder)
        with prepared.extractor() as extractor:
            if prepared.experiment.auto:
                trained, seen, figures = _choose_and_score(prepared, extractor, folder)
            else:
                trained = train(prepared, extractor, folder)
                _describe(prepared, folder)  # a resumed run may have been changed by force
                seen = _count_access(prepared, folder)
                figures = score(prepared, extractor, folder)
        about: dict[str, Any] = {"frozen_layers": extractor.facts(), "resumed_after": trained.resumed_after, **seen}
        about |= {"skipped": extractor.bad_files.found, "seconds": round(time.monotonic() - started, 1)}
        about |= {"images": len(pictures), "in_two_parts": len(exact_duplicates(pictures, across=True))}
        about |= {"given_by_a_program": prepared.given.names} if prepared.given.names else {}
        folder.write_json(folder.environment, {**environment(), **about})
        folder.write_json(folder.metrics, figures)  # the last of all: it says that the run is finished
        folder.remove_checkpoints()
    return trained


def _choose_and_score(
    prepared: Prepared, extractor: FeatureExtractor, folder: RunFolder
) -> tuple[TrainingResult, dict[str, int], dict[str, Any]]:
    developed = develop(prepared, extractor)
    chosen, outputs = replace(prepared, classifier=developed.classifier), HeadOutputs(prepared, extractor, developed)
    result = TrainingResult([developed.history], [], [], [])
    folder.write_choices(choice_rows(developed.choice))
    folder.write_history(result.history)
    seen = _count_access(prepared, folder)
    return result, seen, score_chosen(chosen, developed, outputs, folder)


def train(prepared: Prepared, extractor: FeatureExtractor, folder: RunFolder | None = None) -> TrainingResult:
    """Trains the prepared classifier in place; with a folder, history, states and curves are written there."""
    parts = prepared.pictures("train"), prepared.pictures("validation")
    how: dict[str, Any] = {"folder": folder, "resume": prepared.folder is not None, "force": prepared.force}
    return train_classifier(prepared.classifier, prepared.settings, *parts, extractor, **how)


def finished(folder: RunFolder) -> Outcome:
    """Returns what a finished run came to. Raises DataError for a folder that no run has written."""
    try:
        figures, about = (json.loads(read_small(path)) for path in (folder.metrics, folder.environment))
        interval = tuple(map(float, figures["interval_95"]))
        counts = {name: int(figures[name]) for name in ("correct", "n")}
        if not 0 <= counts["correct"] <= counts["n"] or not counts["n"]:
            raise ValueError(f"{counts['correct']} of {counts['n']} can't be right")
        figures |= {"accuracy": float(figures["accuracy"]), "interval_95": interval, **counts}
        seen = int(about["test_seen"]) if "test_seen" in about else None
        return Outcome(folder, figures, int(about["images"]), float(about["seconds"]), seen)
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise DataError(f"`{folder.path}` must be a finished run; reading its figures failed: {error!r}") from error


def _require_countable(prepared: Prepared) -> None:
    if prepared.split.part("test"):
        require_countable()


def _describe(prepared: Prepared, folder: RunFolder) -> None:
    write_text(folder.experiment, dump_experiment(prepared.experiment))
    folder.write_json(folder.environment, environment())
    write_manifest(folder.split, prepared.split.pictures)  # the last, because a folder with it can be resumed


def _count_access(prepared: Prepared, folder: RunFolder) -> dict[str, int]:
    """Counts the access to the test split, if there is one, before anyone can have it."""
    test = prepared.split.part("test")
    if not test:
        return {}
    return {"test_seen": record_access(scored_hash((one.label, one.sha256) for one in test), folder.path)}
