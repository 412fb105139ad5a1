"""Cross-validation of an experiment: each picture is predicted by a training that had not seen it."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.config.data import Split as SplitSettings
from kerasvgg.config.experiment import Experiment
from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.duplicates.pairs import joined
from kerasvgg.data.folder.manifest import manifest_text, write_manifest
from kerasvgg.data.folder.split import Split
from kerasvgg.data.folder.verify import with_thumbnails
from kerasvgg.data.picture import Picture
from kerasvgg.data.targets import targets
from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.folds import fold_figures
from kerasvgg.evaluation.predictions import Prediction, read_predictions, write_predictions
from kerasvgg.files.atomic import write_text
from kerasvgg.files.locations import cache
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.environment import environment
from kerasvgg.process.progress import say
from kerasvgg.report.facts import CROSS_VALIDATION
from kerasvgg.report.run_page import write_page
from kerasvgg.runs.auto import held_out_in_folds
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.engines import with_one_engine
from kerasvgg.runs.going_on import changes
from kerasvgg.runs.pictures import experiment_source, experiment_split
from kerasvgg.runs.predict import predict_split
from kerasvgg.runs.prepare import Given, Prepared, prepare
from kerasvgg.runs.progress_file import telling_progress
from kerasvgg.runs.proportions import with_chosen_fit
from kerasvgg.runs.results import write_results
from kerasvgg.runs.run import Outcome, finished, train
from kerasvgg.selection.folds import stratified_group_folds

VALIDATION = 6  # of so many parts of what is not held out, one is validation


@dataclass(frozen=True)
class _Plan:
    """All pictures of an experiment, with their class numbers and the groups that are never divided."""

    experiment: Experiment
    split: Split
    groups: np.ndarray

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The pictures that folds hold out; a test part that the folder came with stays untouched."""
        return tuple(one for one in self.split.pictures if one.split != "test")

    @property
    def labels(self) -> np.ndarray:
        """Their labels, `targets`."""
        return targets([one.label for one in self.pictures], self.split.classes, self.split.multi_label)

    def folds(self, count: int, repeat: int) -> np.ndarray:
        """Returns the fold (n,) that each is held out in."""
        return stratified_group_folds(self.labels, self.groups, count, self.experiment.seed + repeat)


def crossvalidate(experiment: Experiment, name: str, runs: Path, *, folds: int, repeats: int, resume: bool) -> Outcome:
    """Holds each picture out once for each repeat, and writes predictions and figures to runs/name/crossvalidation/N.

    Pictures that show the same, or are of one group, are held out together. With `auto` everything is chosen anew
    inside each fold; rounds of training get a sixth of what is not held out as validation. A fold that is done is kept,
    so that `resume` goes on. Raises a KerasVGGError for what can't be run.
    """
    started = time.monotonic()
    plan = _plan(experiment, folds)
    newest = RunFolder.newest(runs, f"{name}/{CROSS_VALIDATION}") if resume else None
    folder = newest if newest and not newest.is_finished else None
    if folder:
        _require_same(plan, folder)
    folder = folder or RunFolder.create(runs, f"{name}/{CROSS_VALIDATION}")
    with folder.held(), telling_progress(folder):
        _describe(plan, folder)
        say(f"{name}: {len(plan.pictures):,} pictures, {folds} folds, {repeats} times, into {folder.path}")
        found, numbers = [], []
        for repeat in range(repeats):
            rows, outer = _repeat(plan, folder, folds, repeat)
            found.append(rows)
            numbers.append(outer)
        figures = _scored(plan, folder, found)
        about = {"images": len(plan.pictures), "seconds": round(time.monotonic() - started, 1)}
        folder.write_json(folder.environment, {**environment(), **about})
        folder.write_json(folder.metrics, {**figures, "repeats": repeats, "per_fold": _per_fold(found, numbers)})
        folder.remove_folds()
        write_page(folder)
    return finished(folder)


def _plan(experiment: Experiment, folds: int) -> _Plan:
    if experiment.distill:
        raise ConfigError("`distill` must be left out of cross-validation: the teacher knows what folds hold out")
    # Each picture is held out, or it is none of folds.
    experiment = experiment.model_copy(update={"data": experiment.data.model_copy(update={"on_bad_file": "stop"})})
    data = experiment.data
    if not experiment_source(data).is_split:  # one that is split keeps its test part out of it
        data = data.model_copy(update={"split": SplitSettings(folds=folds)})
    split = experiment_split(experiment.model_copy(update={"data": data}))
    split = replace(split, class_names=split.classes)
    developed = [one for one in with_thumbnails(split.root, split.pictures) if one.split != "test"]
    return _Plan(experiment, split, np.array(joined(developed)))


def _require_same(plan: _Plan, folder: RunFolder) -> None:
    """Raises ConfigError where the kept folds are of another experiment or other pictures."""
    changed = changes(plan.experiment, folder)
    if folder.split.read_text(encoding="utf-8") != manifest_text(plan.pictures):
        changed.append("other pictures")
    if changed:
        listed = "; ".join(changed[:10])
        raise ConfigError(f"`{folder.path}` can't go on, because of changes: {listed}. Without --resume it begins anew")


def _repeat(plan: _Plan, folder: RunFolder, folds: int, repeat: int) -> tuple[list[Prediction], np.ndarray]:
    """Returns a prediction for each picture, in their order, and the folds (n,)."""
    outer = plan.folds(folds, repeat)
    if plan.experiment.auto:
        prepared, compared = with_chosen_fit(_prepared(plan, plan.pictures), Decisions(None))
        if compared:
            folder.write_fits([vars(one) for one in compared])
        with prepared.extractor() as extractor:
            return held_out_in_folds(prepared, extractor, outer, plan.experiment.seed + repeat), outer
    found: list[Prediction | None] = [None] * len(outer)
    for fold in np.unique(outer):
        places = np.flatnonzero(outer == fold)
        for place, one in zip(places, _fold(plan, folder, outer, int(fold), repeat), strict=True):
            found[place] = one
    return [one for one in found if one is not None], outer


def _fold(plan: _Plan, folder: RunFolder, outer: np.ndarray, fold: int, repeat: int) -> Sequence[Prediction]:
    """Trains without a fold and predicts it, unless that was done before."""
    kept = folder.fold(repeat + 1, fold + 1, int(outer.max()) + 1)
    if not kept.is_file():
        say(f"repeat {repeat + 1}, fold {fold + 1} of {outer.max() + 1}")
        write_predictions(kept, plan.split.classes, _trained(plan, list(_parts(plan, outer, fold))))
    return read_predictions(kept)[1]


def _trained(plan: _Plan, pictures: Sequence[Picture]) -> list[Prediction]:
    how: dict[str, Any] = {"mirrored": plan.experiment.test_time_flip, "passes": plan.experiment.stochastic_passes}

    def predicted(prepared: Prepared) -> list[Prediction]:
        with prepared.extractor() as extractor:
            about = train(prepared, extractor)[0].description
            listed = prepared.split.part("test")
            return predict_split(extractor, prepared.pictures("test"), listed, about, **how).predictions

    return with_one_engine(_prepared(plan, pictures), predicted)


def _parts(plan: _Plan, outer: np.ndarray, fold: int) -> Iterator[Picture]:
    rest = np.flatnonzero(outer != fold)
    inner = stratified_group_folds(plan.labels[rest], plan.groups[rest], VALIDATION, plan.experiment.seed)
    validation = set(rest[inner == 0].tolist())
    for place, one in enumerate(plan.pictures):
        yield replace(one, split="test" if outer[place] == fold else "validation" if place in validation else "train")


def _prepared(plan: _Plan, pictures: Sequence[Picture]) -> Prepared:
    given = Given(replace(plan.split, pictures=tuple(pictures)), feature_folder=cache() / "features")
    return prepare(plan.experiment, given=given)


def _describe(plan: _Plan, folder: RunFolder) -> None:
    write_text(folder.experiment, dump_experiment(plan.experiment))
    write_manifest(folder.split, plan.pictures)


def _scored(plan: _Plan, folder: RunFolder, found: Sequence[Sequence[Prediction]]) -> dict[str, Any]:
    pooled = [one for rows in found for one in rows]
    show = _prepared(plan, plan.pictures).loader("train", "validation")
    how: dict[str, Any] = {"subtitle": "held out in folds", "groups": plan.groups.tolist()}
    how["multi_label"] = plan.split.multi_label
    figures = write_results(folder, plan.split.classes, pooled, 1.0, show, **how)
    role = "held out, but for data.fit" if folder.fits.is_file() else "held out"  # which is chosen once
    return {"split": "folds", "role": role, "split_sha256": plan.split.sha256, **figures}


def _per_fold(found: Sequence[Sequence[Prediction]], numbers: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    return [
        {"repeat": repeat, **one}
        for repeat, (predictions, outer) in enumerate(zip(found, numbers, strict=True), start=1)
        for one in fold_figures(np.array([one.true == one.predicted for one in predictions]), outer)
    ]
