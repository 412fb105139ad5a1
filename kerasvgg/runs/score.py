"""Scoring of a trained model: its temperature by validation, and the figures of the split that it is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from kerasvgg.config.experiment import Experiment
from kerasvgg.data.targets import targets
from kerasvgg.evaluation.calibration import fit_temperature, probabilities
from kerasvgg.evaluation.epochs import kept_epoch, require_same_as_trained
from kerasvgg.evaluation.folds import fold_accuracy, fold_figures, group_numbers, picture_groups
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.evaluation.test_access import scored_hash
from kerasvgg.evaluation.thresholds import best_thresholds, called, shares_right
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.hashing import fingerprint
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable
from kerasvgg.modelfile.description import Description
from kerasvgg.models.save import save_model
from kerasvgg.runs.auto import DEVELOPMENT, Developed
from kerasvgg.runs.predict import Outputs, SplitPredictions, predict_split
from kerasvgg.runs.prepare import Prepared
from kerasvgg.runs.results import write_results


class Proven(Outputs, Protocol):
    """Outputs by way of features that can be held against the whole model's."""

    def prove(self, pictures: Any) -> None:
        """Raises KerasVGGError where they differ."""
        ...


def score(prepared: Prepared, extractor: FeatureExtractor, folder: RunFolder) -> dict[str, Any]:
    """Scores the test split, or validation where there is none, writes what comes of it, and returns the figures.

    The temperature or, where pictures have several classes, the thresholds follow from validation, without dropout, and
    are saved in the model files.
    """
    split, passes = prepared.split, prepared.experiment.stochastic_passes
    part = "test" if split.part("test") else "validation"
    about = prepared.classifier.description
    validation = _predicted(prepared, extractor, "validation", about)
    kept = kept_epoch(folder.read_history(), prepared.experiment.keep)
    _require_same_as_trained(prepared, extractor, kept, validation)
    about = _decided(about, validation)
    validation = _as_decided(about, validation)
    _save(prepared, folder, about)
    held_out = _accuracy(validation.predictions, {"epoch": kept["epoch"]})
    is_scored = part == "validation" and not passes
    scored = validation if is_scored else _predicted(prepared, extractor, part, about, passes)
    del validation  # of which there may be many
    role = "scored once" if part == "test" else _role_of_validation(prepared.experiment)
    figures = _written(prepared, folder, part, role, scored.predictions, temperature=about.temperature)
    return {**figures, "validation": held_out, **_of_passes(scored.accuracies)}


def score_chosen(prepared: Prepared, developed: Developed, outputs: Proven, folder: RunFolder) -> dict[str, Any]:
    """Scores what `auto` has chosen: the test split or, where there is none, the pictures while they were held out."""
    split = prepared.split
    outputs.prove(prepared.pictures("validation" if split.part("validation") else "train"))  # the features are there
    about = prepared.classifier.description
    _save(prepared, folder, about)  # without a temperature, because the head is calibrated itself
    part, role = "folds", "held out, from choosing too"
    if folder.fits.is_file():  # compared once, on pictures that the folds then hold out
        role += ", but for data.fit"
    predictions: Sequence[Prediction] = developed.nested
    groups: Sequence[int] | None = developed.groups.tolist()
    if listed := split.part("test"):
        part, role = "test", "scored once"
        predictions, groups = predict_split(outputs, prepared.pictures("test"), listed, about).predictions, None
    chosen_on = developed.groups[developed.choice.places] if "folds" in developed.held_out_by else None
    figures = _written(prepared, folder, part, role, predictions, temperature=1.0, groups=groups)
    held_out = _accuracy(developed.out_of_fold, developed.held_out_by, chosen_on)
    right = np.array([one.true == one.predicted for one in developed.nested])
    per_fold = {"per_fold": fold_figures(right, developed.folds)} if developed.nested else {}
    return {**figures, **per_fold, "validation": held_out}


def _written(
    prepared: Prepared,
    folder: RunFolder,
    part: str,
    role: str,
    predictions: Sequence[Prediction],
    *,
    temperature: float,
    groups: Sequence[int] | None = None,
) -> dict[str, Any]:
    """Writes the report of a part, and returns its figures and what they are of."""
    split, parts = prepared.split, DEVELOPMENT if part == "folds" else (part,)
    words = part if part == "test" else f"{part}, {role}"
    show = prepared.loader(*parts)
    how: dict[str, Any] = {"subtitle": words, "groups": groups, "multi_label": split.multi_label}
    if groups is None and (found := _groups(prepared, part, predictions)):
        how |= {"groups": found, "shared": 1.0}
    figures = write_results(folder, split.classes, predictions, temperature, show, **how)
    return {
        "split": part,
        "role": role,
        "split_sha256": split.sha256,
        "scored_sha256": scored_hash((one.label, one.sha256) for one in split.pictures if one.split in parts),
        "weights_sha256": fingerprint(prepared.classifier.model.weights),
        **figures,
    }


def _groups(prepared: Prepared, part: str, predictions: Sequence[Prediction]) -> list[int] | None:
    """Returns the groups of what was predicted, None where each picture is of its own."""
    known = {printable(one.path): one for one in prepared.split.part(part)}
    scored = [known[one.path] for one in predictions]
    if prepared.groups:  # which has those that show the same, too
        return group_numbers([prepared.groups[one.path] for one in scored])
    return picture_groups(scored)


def _predicted(
    prepared: Prepared,
    extractor: FeatureExtractor,
    part: str,
    about: Description,
    passes: int | None = None,
    *,
    plain: bool = False,
) -> SplitPredictions:
    how: dict[str, Any] = {"passes": passes, "mirrored": prepared.experiment.test_time_flip and not plain}
    return predict_split(extractor, prepared.pictures(part), prepared.split.part(part), about, **how)


def _require_same_as_trained(
    prepared: Prepared, extractor: FeatureExtractor, kept: Mapping[str, Any], validation: SplitPredictions
) -> None:
    """Holds validation, as training saw it, against what training noted, where that was of all its pictures."""
    experiment, about = prepared.experiment, prepared.classifier.description
    seen = _predicted(prepared, extractor, "validation", about, plain=True) if experiment.test_time_flip else validation
    n = len(seen.predictions)
    steps = [phase.validation_steps for phase in experiment.train if phase.validation_steps]
    if n and all(count * experiment.data.batch_size == n for count in steps):
        require_same_as_trained(kept["val_accuracy"], float(shares_right(*_rows(about, seen)).sum()), n)


def _accuracy(
    predictions: Sequence[Prediction], about: Mapping[str, Any], groups: np.ndarray | None = None
) -> dict[str, Any]:
    """Returns how many were right, with the interval of an accuracy by folds where `groups` (n,) are given."""
    right = np.array([each.true == each.predicted for each in predictions])
    n, correct = len(right), int(right.sum())
    if not n:
        return {}
    figures = {**about, "n": n, "correct": correct, "accuracy": correct / n}
    if groups is None:
        return {**figures, "interval_95": wilson(correct, n)}
    found = fold_accuracy(right, groups)
    return {**figures, "interval_95": (found.low, found.high), "independent": found.independent}


def with_thresholds(prepared: Prepared, extractor: FeatureExtractor) -> Description:
    """Returns the description of a model that was trained, with the thresholds that validation asks for, if any."""
    about = prepared.classifier.description
    return _decided(about, _predicted(prepared, extractor, "validation", about)) if about.multi_label else about


def _decided(about: Description, validation: SplitPredictions) -> Description:
    """Returns the description with the temperature, or with the thresholds, that validation asks for."""
    if not validation.predictions:  # all of its pictures have gone bad meanwhile
        return about
    rows, wanted = _rows(about, validation)
    return replace(about, temperature=fit_temperature(rows, wanted), thresholds=best_thresholds(rows, wanted))


def _as_decided(about: Description, found: SplitPredictions) -> SplitPredictions:
    """Returns the predictions by the thresholds that are known now, which single classes have none of."""
    called_now = (
        replace(one, predicted=called(np.array(one.probabilities), about.class_names, about.thresholds))
        for one in found.predictions
    )
    return found._replace(predictions=list(called_now))


def _rows(about: Description, found: SplitPredictions) -> tuple[np.ndarray, np.ndarray]:
    """Returns probabilities (n, classes), and the `targets`."""
    true = [one.true for one in found.predictions]
    return probabilities(found.predictions), targets(true, about.class_names, about.multi_label)


def _save(prepared: Prepared, folder: RunFolder, description: Description) -> None:
    for path in (folder.model_keras, folder.model_h5):
        save_model(prepared.classifier.model, path, description)


def _of_passes(accuracies: list[float]) -> dict[str, Any]:
    if not accuracies:
        return {}
    mean = float(np.mean(accuracies))
    return {"stochastic": {"passes": len(accuracies), "mean_accuracy": mean, "accuracies": accuracies}}


def _role_of_validation(experiment: Experiment) -> str:
    rules = [rule for phase in experiment.train for rule in (phase.early_stopping, phase.reduce_learning_rate) if rule]
    watched = experiment.keep != "last" or any(rule.monitor.startswith("val_") for rule in rules)
    return "selected on" if watched else "not selected on"
