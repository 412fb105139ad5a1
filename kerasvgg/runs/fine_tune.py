"""Fine-tuning from a head that was solved, as `auto` tries it: taken only where validation says that it is better."""

import math
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.augmentation.views import AugmentedPictures, MirrorPairs
from kerasvgg.evaluation.calibration import cross_entropies, fit_temperature, probabilities
from kerasvgg.evaluation.epochs import Keep, kept_epoch
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.thresholds import best_thresholds
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable
from kerasvgg.modelfile.description import Description
from kerasvgg.process.progress import say
from kerasvgg.runs.auto import DEVELOPMENT, Developed, examples_of, loaded, part_of, set_head
from kerasvgg.runs.decisions import Decisions
from kerasvgg.runs.estimate import (
    FEWEST_EPOCHS,
    MOST_VIEWS,
    fine_tuning_seconds,
    in_minutes,
    may_be_fine_tuned,
    paces,
)
from kerasvgg.runs.predict import predict_split
from kerasvgg.runs.prepare import Prepared, build_chosen
from kerasvgg.selection.choice import Choice, Examples, Tried, columns, fit
from kerasvgg.selection.logistic import LogisticHead
from kerasvgg.selection.unknown import novelty_by
from kerasvgg.training.build import Classifier
from kerasvgg.training.classifier import TrainingResult, train_classifier
from kerasvgg.training.phase import Phase, TrainingSettings
from kerasvgg.training.schedule import EarlyStopping

EPOCHS, PATIENCE, RATE = 12, FEWEST_EPOCHS - 1, 1e-5
KEEP: Keep = "lowest_loss"  # which is what it is accepted by
CROPPED = Augmentation(crop_scale=(0.7, 1.0), crop_ratio=(1.0, 1.0))
FEWEST_MISTAKES = 10  # of pictures held out: fewer leave validation nothing to show a gain by


@dataclass(frozen=True)
class FineTuned:
    """What fine-tuning came to: `figures` for metrics.json say, too, whether it is `taken`.

    `extractor` makes the outputs of the classifier, `held_out` are those of the validation pictures.
    """

    classifier: Classifier
    extractor: FeatureExtractor
    result: TrainingResult
    figures: dict[str, Any]
    held_out: list[Prediction]


def is_worth_trying(
    prepared: Prepared, extractor: FeatureExtractor, developed: Developed, decisions: Decisions, seconds: float
) -> bool:
    """Tells whether fine-tuning is asked for, can be judged, and fits into the time, of which `seconds` are gone.

    Whether it fits is one of the `decisions`.
    """
    auto = prepared.experiment.auto
    if auto is None or not may_be_fine_tuned(prepared):
        return False
    pictures = len(developed.choice.places)
    mistakes = sum(one.true != one.predicted for one in developed.out_of_fold)
    if mistakes < FEWEST_MISTAKES:
        say(f"not fine-tuned: of {pictures:,} pictures held out only {mistakes} are wrong")
        return False
    needed = fine_tuning_seconds(prepared, paces(prepared, extractor))
    within = math.inf if auto.minutes is None else 60 * auto.minutes
    if not decisions.once("fine_tuning_fits", lambda: seconds + needed[1] <= within):
        say(f"not fine-tuned: it would take {in_minutes(*needed)} more")
        return False
    say(f"fine-tuning, which takes {in_minutes(*needed)}")
    return True


def fine_tune(
    prepared: Prepared, extractor: FeatureExtractor, choice: Choice, open_: ExitStack, folder: RunFolder | None
) -> FineTuned:
    """Trains the last stage and the head, which begins as the training pictures alone would have it.

    It is taken if the mean cross entropy of validation is lower than that of the chosen head, fitted on training
    pictures alone, by more than one standard error of the differences picture by picture. What `open_` holds stays open
    until then; with a folder, states are written there.
    """
    start = _start(choice, list(BACKBONES[prepared.experiment.model.base].stages))
    (examples, _), (validation, listed) = (examples_of(prepared, extractor, [part]) for part in DEVELOPMENT)
    head = fit(examples, start)
    classifier = build_chosen(prepared, start.design.stages, _phases(prepared))
    set_head(classifier.model, head)
    rival = fit(examples, choice.best)  # what is to be beaten, also where it stands on more stages
    before = rival.probabilities(validation.of(choice.best.design.stages))
    shown = _augmentation(prepared, extractor, head, start, validation)
    own = open_.enter_context(_extractor(prepared, classifier, extractor, "float16"))  # feature maps take much room
    how: dict[str, Any] = {"folder": folder, "resume": prepared.folder is not None, "force": prepared.force}
    pictures = prepared.pictures("train"), prepared.pictures("validation")
    result = train_classifier(classifier, _settings(prepared, shown), *pictures, own, **how)
    found = {one.path: one for one in _predicted(prepared, own, classifier.description)}
    # Others have gone bad meanwhile.
    there = [place for place, one in enumerate(listed) if printable(one.path) in found]
    after, labels = probabilities([found[printable(listed[place].path)] for place in there]), validation.labels[there]
    figures = {
        **_gain(before[there], after, labels),
        "mirrored": shown.horizontal_flip,
        "cropped": bool(shown.crop_scale),
    }
    figures["epoch"] = kept_epoch(result.history, KEEP)["epoch"]
    say(
        f"fine-tuned: validation loss {figures['before']:.3f} before, {figures['after']:.3f} after, {_verdict(figures)}"
    )
    if figures["taken"]:
        classifier = _finished(prepared, classifier, own, after, labels)
        # Scored by features that are not rounded, as whoever opens the model will see the pictures.
        own = open_.enter_context(_extractor(prepared, classifier, extractor, "float32"))
    return FineTuned(classifier, own, result, figures, _predicted(prepared, own, classifier.description))


def with_fine_tuning(developed: Developed, tuned: FineTuned) -> Developed:
    """Returns what was developed with the fine-tuned classifier in place of the solved head's."""
    by = {"epoch": tuned.figures["epoch"]}
    return replace(developed, classifier=tuned.classifier, out_of_fold=tuned.held_out, held_out_by=by)


def _start(choice: Choice, stages: list[str]) -> Tried:
    """Returns the best candidate that stands on the last stage and at most the one before it."""
    return next(one for one in choice.tried if set(stages[-1:]) <= set(one.design.stages) <= set(stages[-2:]))


def _phases(prepared: Prepared) -> tuple[Phase]:
    last = list(BACKBONES[prepared.experiment.model.base].stages)[-1]
    stopping = EarlyStopping(patience=PATIENCE)
    return (Phase(layers=(last, "head"), epochs=EPOCHS, optimizer="adam", learning_rate=RATE, early_stopping=stopping),)


def _settings(prepared: Prepared, shown: Augmentation) -> TrainingSettings:
    experiment = prepared.experiment
    return TrainingSettings(
        phases=_phases(prepared),
        batch_size=experiment.data.batch_size,
        seed=experiment.seed,
        augmentation=shown if shown != Augmentation() else None,
        augment_copies=MOST_VIEWS if shown.crop_scale else MirrorPairs.copies,
        keep=KEEP,
        stop_when_dead=experiment.stop_when_dead,
    )


def _augmentation(
    prepared: Prepared, extractor: FeatureExtractor, head: LogisticHead, start: Tried, validation: Examples
) -> Augmentation:
    """Returns what of mirror images and mild crops suits the set: pictures held out are as well known by them.

    Mirror images of letters are not.
    """
    pictures = prepared.pictures("validation")
    plain = cross_entropies(head.probabilities(validation.of(start.design.stages)), validation.labels)

    def suits(views: Any) -> bool:
        found = [rows for _, rows in loaded(extractor, views)]
        if sum(map(len, found)) != len(views) or len(pictures) != len(plain):  # some have gone bad meanwhile
            return False
        x = columns(np.concatenate(found)[-len(plain) :], validation.widths, start.design.stages)
        more = cross_entropies(head.probabilities(x), validation.labels) - plain
        return bool(more.mean() <= more.std() / math.sqrt(len(more)))

    cropped = suits(AugmentedPictures(pictures, CROPPED, 1, prepared.experiment.seed))
    return (CROPPED if cropped else Augmentation()).model_copy(update={"horizontal_flip": suits(MirrorPairs(pictures))})


def _extractor(prepared: Prepared, classifier: Classifier, extractor: FeatureExtractor, dtype: str) -> FeatureExtractor:
    how: dict[str, Any] = {"dtype": dtype, "bad_files": extractor.bad_files}
    own = FeatureExtractor(classifier.cut_model, classifier.description, prepared.given.feature_folder, **how)
    own.parts.engine = extractor.parts.engine
    return own


def _predicted(prepared: Prepared, extractor: FeatureExtractor, about: Description) -> list[Prediction]:
    listed = prepared.split.part("validation")
    return predict_split(extractor, prepared.pictures("validation"), listed, about).predictions


def _gain(before: np.ndarray, after: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    losses = cross_entropies(before, labels), cross_entropies(after, labels)
    fallen = losses[0] - losses[1]
    error = float(fallen.std() / math.sqrt(len(fallen)))
    figures = {"before": float(losses[0].mean()), "after": float(losses[1].mean()), "standard_error": error}
    return {**figures, "taken": bool(fallen.mean() > error)}


def _verdict(figures: dict[str, Any]) -> str:
    return "taken" if figures["taken"] else "not taken: the head that was solved stays"


def _finished(
    prepared: Prepared, classifier: Classifier, extractor: FeatureExtractor, rows: np.ndarray, labels: np.ndarray
) -> Classifier:
    """Returns the classifier with what validation asks for: its temperature, in its last layer, and its thresholds.

    `rows` are validation's probabilities. It knows, too, what tells pictures of something else: how training pictures
    lie, and from which distance on, by those of validation, which its layers were not trained on.
    """
    last, temperature = classifier.model.get_layer("head_output"), fit_temperature(rows, labels)
    last.set_weights([weight / temperature for weight in last.get_weights()])
    train, validation = (part_of(prepared, extractor, part, last.name) for part in DEVELOPMENT)
    novelty = novelty_by(train.x, validation.x)
    about = replace(classifier.description, novelty=novelty, thresholds=best_thresholds(rows, labels))
    return replace(classifier, description=about)
