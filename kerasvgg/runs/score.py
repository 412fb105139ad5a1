"""Scoring of a trained model: its temperature by validation, and the figures of the split that it is judged by."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from kerasvgg.config.experiment import Experiment
from kerasvgg.evaluation.calibration import fit_temperature, probabilities
from kerasvgg.evaluation.epochs import best_epoch, require_same_as_trained
from kerasvgg.evaluation.folds import fold_figures
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.evaluation.test_access import scored_hash
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.hashing import fingerprint
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.models.save import save_model
from kerasvgg.runs.auto import DEVELOPMENT, Developed
from kerasvgg.runs.predict import Outputs, SplitPredictions, predict_split
from kerasvgg.runs.prepare import Prepared
from kerasvgg.runs.report import write_report


class Proven(Outputs, Protocol):
    """Outputs by way of features that can be held against the whole model's."""

    def prove(self, pictures: Any) -> None:
        """Raises KerasVGGError where they differ."""
        ...


def score(prepared: Prepared, extractor: FeatureExtractor, folder: RunFolder) -> dict[str, Any]:
    """Scores the test split, or validation where there is none, writes what comes of it, and returns the figures.

    The temperature is fitted on validation, without dropout, and saved in the model files.
    """
    split, passes = prepared.split, prepared.experiment.stochastic_passes
    part = "test" if split.part("test") else "validation"
    validation = _predicted(prepared, extractor, "validation")
    kept = _kept_epoch(prepared, folder)
    _require_same_as_trained(prepared, extractor, kept, validation)
    temperature = _temperature(split.classes, validation)
    _save(prepared, folder, temperature)
    scored = validation if part == "validation" and not passes else _predicted(prepared, extractor, part, passes)
    role = "scored once" if part == "test" else _role_of_validation(prepared.experiment)
    figures = _written(prepared, folder, part, role, scored.predictions, temperature=temperature)
    held_out = _accuracy(validation.predictions, {"epoch": kept["epoch"]})
    return {**figures, "validation": held_out, **_of_passes(scored.accuracies)}


def score_chosen(prepared: Prepared, developed: Developed, outputs: Proven, folder: RunFolder) -> dict[str, Any]:
    """Scores what `auto` has chosen: the test split or, where there is none, the pictures while they were held out."""
    outputs.prove(prepared.pictures("train"))
    _save(prepared, folder, temperature=1.0)  # the head is calibrated itself
    split, part, role = prepared.split, "folds", "held out, from choosing too"
    if folder.fits.is_file():  # compared once, on pictures that the folds then hold out
        role += ", but for data.fit"
    predictions: Sequence[Prediction] = developed.nested
    groups: list[int] | None = developed.groups.tolist()
    if listed := split.part("test"):
        part, role = "test", "scored once"
        predictions, groups = predict_split(outputs, prepared.pictures("test"), listed, split.classes).predictions, None
    figures = _written(prepared, folder, part, role, predictions, temperature=1.0, groups=groups)
    held_out = _accuracy(developed.out_of_fold, developed.held_out_by)
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
    how: dict[str, Any] = {"subtitle": words, "groups": groups}
    figures = write_report(folder, split.classes, predictions, temperature, show, **how)
    return {
        "split": part,
        "role": role,
        "split_sha256": split.sha256,
        "scored_sha256": scored_hash((one.label, one.sha256) for one in split.pictures if one.split in parts),
        "weights_sha256": fingerprint(prepared.classifier.model.weights),
        **figures,
    }


def _predicted(
    prepared: Prepared, extractor: FeatureExtractor, part: str, passes: int | None = None, plain: bool = False
) -> SplitPredictions:
    how: dict[str, Any] = {"passes": passes, "mirrored": prepared.experiment.test_time_flip and not plain}
    listed, classes = prepared.split.part(part), prepared.split.classes
    return predict_split(extractor, prepared.pictures(part), listed, classes, **how)


def _kept_epoch(prepared: Prepared, folder: RunFolder) -> Mapping[str, Any]:
    rows = folder.read_history()
    return best_epoch(rows) if prepared.experiment.keep == "best" else rows[-1]


def _require_same_as_trained(
    prepared: Prepared, extractor: FeatureExtractor, kept: Mapping[str, Any], validation: SplitPredictions
) -> None:
    """Holds validation, as training saw it, against what training noted, where that was of all its pictures."""
    experiment = prepared.experiment
    seen = _predicted(prepared, extractor, "validation", plain=True) if experiment.test_time_flip else validation
    correct, n = _right(seen.predictions)
    steps = [phase.validation_steps for phase in experiment.train if phase.validation_steps]
    if n and all(count * experiment.data.batch_size == n for count in steps):
        require_same_as_trained(kept["val_accuracy"], correct, n)


def _accuracy(predictions: Sequence[Prediction], about: Mapping[str, Any]) -> dict[str, Any]:
    correct, n = _right(predictions)
    if not n:
        return {}
    return {**about, "n": n, "correct": correct, "accuracy": correct / n, "interval_95": wilson(correct, n)}


def _right(predictions: Sequence[Prediction]) -> tuple[int, int]:
    return sum(each.true == each.predicted for each in predictions), len(predictions)


def _temperature(classes: tuple[str, ...], validation: SplitPredictions) -> float:
    if not validation.predictions:  # all of its pictures have gone bad meanwhile
        return 1.0
    labels = np.array([classes.index(one.true) for one in validation.predictions])
    return fit_temperature(probabilities(validation.predictions), labels)


def _save(prepared: Prepared, folder: RunFolder, temperature: float) -> None:
    description = replace(prepared.classifier.description, temperature=temperature)
    for path in (folder.model_keras, folder.model_h5):
        save_model(prepared.classifier.model, path, description)


def _of_passes(accuracies: list[float]) -> dict[str, Any]:
    if not accuracies:
        return {}
    mean = float(np.mean(accuracies))
    return {"stochastic": {"passes": len(accuracies), "mean_accuracy": mean, "accuracies": accuracies}}


def _role_of_validation(experiment: Experiment) -> str:
    rules = [rule for phase in experiment.train for rule in (phase.early_stopping, phase.reduce_learning_rate) if rule]
    watched = experiment.keep == "best" or any(rule.monitor.startswith("val_") for rule in rules)
    return "selected on" if watched else "not selected on"
