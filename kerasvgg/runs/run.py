"""From an experiment that is prepared to a run folder."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.duplicates.pairs import exact_duplicates
from kerasvgg.data.folder.manifest import write_manifest
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.evaluation.test_access import record_access, require_countable, scored_hash
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.atomic import write_text
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.environment import environment
from kerasvgg.process.progress import say
from kerasvgg.runs.about_pictures import write_about_pictures
from kerasvgg.runs.auto import HeadOutputs, choice_rows, develop
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.engines import learn_of_run, with_one_engine
from kerasvgg.runs.estimate import in_time
from kerasvgg.runs.fine_tune import fine_tune, is_worth_trying, with_fine_tuning
from kerasvgg.runs.prepare import Prepared
from kerasvgg.runs.progress_file import telling_progress
from kerasvgg.runs.proportions import with_chosen_fit
from kerasvgg.runs.score import Proven, score, score_chosen, with_thresholds
from kerasvgg.runs.update import compared_with
from kerasvgg.runs.worst import leave_page
from kerasvgg.training.build import Classifier
from kerasvgg.training.classifier import TrainingResult, train_classifier
from kerasvgg.training.guards.dead_runs import DeadRunError

Trained = tuple[Classifier, TrainingResult]


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
        prepared = in_time(prepared)
    folder = prepared.folder or RunFolder.create(runs, name)
    train_and_score(prepared, folder, name)
    return finished(folder)


def train_and_score(prepared: Prepared, folder: RunFolder, name: str) -> Trained:
    """Trains, scores once and writes everything to the folder. What was there of an earlier run is replaced."""
    return with_one_engine(prepared, lambda one: _train_and_score(one, folder, name), folder)


def _train_and_score(prepared: Prepared, folder: RunFolder, name: str) -> Trained:
    started = time.monotonic() - prepared.seconds
    _require_countable(prepared)
    with folder.held(), telling_progress(folder):
        if prepared.folder and folder.is_finished:
            raise ConfigError(f"`{folder.path}` was finished by another process meanwhile")
        pictures, into = prepared.split.pictures, "going on in" if prepared.folder else "into"
        say(f"{name}: {prepared.count:,} pictures of {len(prepared.split.classes)} classes, {into} {folder.path}")
        if not prepared.folder or not folder.split.is_file():
            folder.remove_results()
            write_about_pictures(prepared.split, folder, in_files=not prepared.given.pictures)
            _describe(prepared, folder)
        decisions = Decisions(folder, prepared.force)
        if prepared.experiment.data.fit == "auto":
            prepared = _with_chosen_fit(prepared, decisions, folder)
        with ExitStack() as open_:
            extractor = open_.enter_context(prepared.extractor())
            done = _done(prepared, extractor, open_, decisions, folder)
            done.write(folder)
            _describe(prepared, folder)  # a resumed run may have been changed by force
            if extractor.root and prepared.split.part("test"):  # what may fail comes before the look is counted
                extractor.features(prepared.pictures("test"), extractor.root)
            seen = _count_access(prepared, folder)
            figures = done.score(folder)
        if earlier := prepared.experiment.data.parts_of:
            figures |= compared_with(folder, Path(earlier), prepared.split.multi_label)
        if prepared.given.selected:
            figures["selected"] = dict(prepared.given.selected)
        about: dict[str, Any] = {"frozen_layers": extractor.facts(), "resumed_after": done.result.resumed_after, **seen}
        about |= {"skipped": extractor.bad_files.found, "seconds": round(time.monotonic() - started, 1)}
        about |= {"images": prepared.count, "in_two_parts": len(exact_duplicates(pictures, across=True))}
        about |= {"given_by_a_program": prepared.given.names} if prepared.given.names else {}
        folder.write_json(folder.environment, {**environment(), **about})
        folder.write_json(folder.metrics, figures)  # the last of all: it says that the run is finished
        folder.remove_checkpoints()
        leave_page(prepared, done.classifier.model, folder, str(figures["split"]))
    learn_of_run(prepared, done.classifier, folder)
    return done.classifier, done.result


def follow(prepared: Prepared) -> None:
    """Trains beside the first of several processes, which writes and tells (see `training.parallel`)."""
    parts = prepared.pictures("train"), prepared.pictures("validation")
    how: dict[str, Any] = {"folder": prepared.folder, "resume": prepared.folder is not None, "force": prepared.force}
    how |= {"at_epoch_end": lambda history: None, "follows": True}
    with prepared.extractor() as extractor:
        train_classifier(prepared.classifier, prepared.settings, *parts, extractor, **how)


def train_in_memory(prepared: Prepared) -> Trained:
    """Trains as `train` does, with an extractor that is there only meanwhile."""

    def go(prepared: Prepared) -> Trained:
        with prepared.extractor() as extractor:
            return train(prepared, extractor)

    return with_one_engine(prepared, go)


def train(prepared: Prepared, extractor: FeatureExtractor) -> Trained:
    """Trains the prepared classifier in place, or returns the one that `auto` has chosen; nothing is written.

    It knows its thresholds, where pictures have several classes.
    """
    with ExitStack() as open_:
        done = _done(prepared, extractor, open_, Decisions(None))
    if prepared.experiment.auto:
        return done.classifier, done.result
    return replace(done.classifier, description=with_thresholds(prepared, extractor)), done.result


class _Done(NamedTuple):
    """What a training came to, what there is to write of it, and how it is scored."""

    classifier: Classifier
    result: TrainingResult
    write: Callable[[RunFolder], None]
    score: Callable[[RunFolder], dict[str, Any]]


def _with_chosen_fit(prepared: Prepared, decisions: Decisions, folder: RunFolder) -> Prepared:
    """Returns the experiment with its `data.fit` chosen and described, so that a resumed run takes it as it is."""
    prepared, compared = with_chosen_fit(prepared, decisions)
    if compared:
        folder.write_fits([vars(one) for one in compared])
    _describe(prepared, folder)
    return prepared


def _done(
    prepared: Prepared,
    extractor: FeatureExtractor,
    open_: ExitStack,
    decisions: Decisions,
    folder: RunFolder | None = None,
) -> _Done:
    """Trains or chooses; with a folder, states are written there meanwhile. Scoring needs what `open_` holds."""
    if prepared.experiment.auto:
        return _chosen(prepared, extractor, open_, decisions, folder)
    parts = prepared.pictures("train"), prepared.pictures("validation")
    how: dict[str, Any] = {"folder": folder, "resume": prepared.folder is not None, "force": prepared.force}
    how["at_epoch_end"] = prepared.given.at_epoch_end
    result = train_classifier(prepared.classifier, prepared.settings, *parts, extractor, **how)
    return _Done(prepared.classifier, result, lambda folder: None, partial(score, prepared, extractor))


def _chosen(
    prepared: Prepared,
    extractor: FeatureExtractor,
    open_: ExitStack,
    decisions: Decisions,
    folder: RunFolder | None,
) -> _Done:
    started = time.monotonic() - prepared.seconds
    extractor.parts.engine = decisions.engine(extractor, prepared.pictures("train"))
    expected = decisions.once("seconds", lambda: prepared.expected)
    developed = develop(prepared, extractor)
    outputs: Proven = HeadOutputs(prepared, extractor, developed)
    result, tuned = TrainingResult(list(developed.history), [], [], []), None
    gone = max(time.monotonic() - started, expected)  # a resumed run finds the features, and would have more time
    if is_worth_trying(prepared, extractor, developed, decisions, gone):
        try:
            tuned = fine_tune(prepared, extractor, developed.choice, open_, folder)
        except DeadRunError as error:
            say(f"not fine-tuned: {error}")
        if tuned and tuned.figures["taken"]:
            developed, outputs, result = with_fine_tuning(developed, tuned), tuned.extractor, tuned.result

    def write(folder: RunFolder) -> None:
        folder.write_choices(choice_rows(developed.choice))
        folder.write_history(result.history)
        if not (tuned and tuned.figures["taken"]):
            for path in (folder.layers, folder.curves):  # of a training whose model is not the run's
                path.unlink(missing_ok=True)

    def scored(folder: RunFolder) -> dict[str, Any]:
        figures = score_chosen(replace(prepared, classifier=developed.classifier), developed, outputs, folder)
        return {**figures, **({"fine_tuning": tuned.figures} if tuned else {})}

    return _Done(developed.classifier, result, write, scored)


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
    if prepared.teacher:
        prepared.teacher.write(folder)
    write_manifest(folder.split, prepared.split.pictures)  # the last, because a folder with it can be resumed


def _count_access(prepared: Prepared, folder: RunFolder) -> dict[str, int]:
    """Counts the access to the test split, if there is one, before anyone can have it."""
    test = prepared.split.part("test")
    if not test:
        return {}
    return {"test_seen": record_access(scored_hash((one.label, one.sha256) for one in test), folder.path)}
