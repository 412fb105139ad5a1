"""The recipe `auto`: a head on several stages, chosen and fitted by validation, as an ordinary Keras model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kerasvgg.data.picture import Picture
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.evaluation.calibration import cross_entropies
from kerasvgg.evaluation.folds import expected_interval, pictures_for
from kerasvgg.evaluation.power_law import LearningCurve
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.thresholds import chosen, named, shares_right
from kerasvgg.features.extractor import FeatureExtractor, largest_difference, require_near
from kerasvgg.files.text import printable
from kerasvgg.models.forward import BATCH, Forward
from kerasvgg.process.progress import say
from kerasvgg.runs.prepare import Prepared, build_chosen
from kerasvgg.selection.choice import Choice, Examples, Tried, choose, columns, nested
from kerasvgg.selection.folds import FOLDS, stratified_group_folds
from kerasvgg.selection.learning_curve import learning_curve
from kerasvgg.selection.logistic import LogisticHead
from kerasvgg.selection.unknown import fit as fit_novelty
from kerasvgg.training.build import Classifier

LOADED = 1024  # pictures whose features are read at a time
USUAL = 0.9  # accuracy, for saying beforehand how wide its interval will be
DEVELOPMENT = ("train", "validation")


@dataclass(frozen=True)
class Developed:
    """What the recipe came to: the `choice`, the `classifier` that has its head, and its history.

    `out_of_fold` are predictions of the pictures that it was made from, by heads that had not seen them; `nested` are
    such by heads that were chosen without them, too, which takes the place of a test split where there is none.
    `groups` (n,) and `folds` (n,) are those of the nested ones. `held_out_by` says what held pictures out.
    """

    choice: Choice
    classifier: Classifier
    history: Sequence[dict[str, Any]]
    out_of_fold: list[Prediction]
    nested: list[Prediction]
    groups: np.ndarray
    folds: np.ndarray
    held_out_by: Mapping[str, int]


def develop(prepared: Prepared, extractor: FeatureExtractor) -> Developed:
    """Chooses the head on the training and validation pictures together, and fits it on both."""
    examples, listed = examples_of(prepared, extractor)
    classes, seed = prepared.split.classes, prepared.experiment.seed
    held_out: list[Prediction] = []
    folds = np.empty(0, dtype=int)
    if not prepared.split.part("test"):
        say(f"no test part: each picture is held out once; {_interval_words(examples)}")
        folds = stratified_group_folds(examples.labels, examples.groups, outer_folds(prepared), seed)
        held_out = _predictions(listed, *nested(examples, folds, seed), classes)
    choice = choose(examples, seed)
    say(f"chosen of {len(choice.tried)}: {in_words(choice.best, prepared.split.multi_label)}")
    said = chosen(choice.out_of_fold, choice.thresholds)
    out_of_fold = _predictions([listed[place] for place in choice.places], choice.out_of_fold, said, classes)
    classifier, history = _built(prepared, choice, examples)
    by = {"folds": choice.folds}
    return Developed(choice, classifier, [history], out_of_fold, held_out, examples.groups, folds, by)


def held_out_in_folds(
    prepared: Prepared, extractor: FeatureExtractor, outer: np.ndarray, seed: int
) -> list[Prediction]:
    """Returns a prediction for each picture by a head for which all was chosen without its fold in `outer` (n,)."""
    examples, listed = examples_of(prepared, extractor)
    return _predictions(listed, *nested(examples, outer, seed), prepared.split.classes)


def accuracy_over_pictures(prepared: Prepared) -> tuple[LearningCurve, str]:
    """Returns the learning curve of the head that is chosen on all of the pictures, and that head in words.

    Raises ConfigError for an experiment without `auto`, and where pictures have several classes.
    """
    if prepared.split.multi_label:
        raise ConfigError("a learning curve must be of pictures with one class each, received such with several")
    if prepared.experiment.auto is None:
        raise ConfigError("a learning curve must be of an experiment with `auto`, received one with rounds of training")
    with prepared.extractor() as extractor:
        examples, _ = examples_of(prepared, extractor)
    best = choose(examples, prepared.experiment.seed).best
    return learning_curve(examples, best, prepared.experiment.seed), _what(best)


def examples_of(
    prepared: Prepared, extractor: FeatureExtractor, names: Sequence[str] = DEVELOPMENT
) -> tuple[Examples, list[Picture]]:
    """Returns the training and validation pictures as a head sees them, and the pictures that they are."""
    parts = [part_of(prepared, extractor, name) for name in names if prepared.split.part(name)]
    listed = [one for part in parts for one in part.listed]
    x, labels, groups = (np.concatenate([getattr(part, name) for part in parts]) for name in ("x", "labels", "groups"))
    return Examples(x, stage_widths(prepared), labels, groups, len(prepared.split.classes)), listed


def _built(prepared: Prepared, choice: Choice, examples: Examples) -> tuple[Classifier, dict[str, Any]]:
    """Returns the classifier with the chosen head, and what its history says."""
    x = examples.of(choice.best.design.stages)
    novelty = fit_novelty(x, examples.labels, examples.groups, prepared.experiment.seed)
    classifier = build_chosen(prepared, choice.best.design.stages)
    about = replace(classifier.description, novelty=novelty, thresholds=choice.thresholds)
    classifier = replace(classifier, description=about)
    set_head(classifier.model, choice.head)
    return classifier, _history(choice, choice.head.probabilities(x), examples.labels)


def _interval_words(examples: Examples) -> str:
    """Says how wide the interval will be where nine of ten are right, and how many pictures would halve it."""
    groups = len(np.unique(examples.groups))
    low, high = expected_interval(groups, USUAL)
    half = pictures_for((high - low) / 2, USUAL)
    bounds = f"{100 * low:.0f} to {100 * high:.0f} %"
    return f"at {USUAL:.0%} the interval will be {bounds}, half as wide with {half:,} pictures"


def outer_folds(prepared: Prepared) -> int:
    """Returns in how many folds pictures are held out where there is no test part."""
    split = prepared.experiment.data.split
    return split.folds if split and split.folds else FOLDS


def in_words(one: Tried, multi_label: bool = False) -> str:
    """Returns the stages, the scaling and the strength of a candidate, and what folds say of it."""
    what = "the classes of pictures held out" if multi_label else "pictures held out"
    return f"{_what(one)}: {one.accuracy:.1%} of {what}, cross entropy {one.loss:.3f}"


def _what(one: Tried) -> str:
    return f"averages of {', '.join(one.design.stages)}, scaled by {one.design.scaling}, C {one.strength:.3g}"


def choice_rows(choice: Choice) -> list[dict[str, Any]]:
    """Returns a row for each candidate, the best first, as choices.csv has them."""
    return [
        {
            "stages": "+".join(one.design.stages),
            "scaling": one.design.scaling,
            "strength": one.strength,
            "loss": one.loss,
            "loss_error": one.loss_error,
            "accuracy": one.accuracy,
        }
        for one in choice.tried
    ]


@dataclass(frozen=True)
class Part:
    """Pictures of one part, their features (n, numbers), float64, labels, which are `targets`, and groups (n,)."""

    listed: list[Picture]
    x: np.ndarray
    labels: np.ndarray
    groups: np.ndarray


def part_of(prepared: Prepared, extractor: FeatureExtractor, name: str, cut: str | None = None) -> Part:
    """Returns a part's pictures as they are at the cut, by default the extractor's root, without those gone bad."""
    pictures, all_listed = prepared.pictures(name), prepared.split.part(name)
    found = list(loaded(extractor, pictures, cut))
    if not found:
        raise DataError(f"none of the {len(pictures):,} pictures of the {name} part can be read any more")
    places = np.concatenate([places for places, _ in found])
    x = np.concatenate([rows for _, rows in found]).astype(np.float64)
    listed = [all_listed[place] for place in places]
    return Part(listed, x, pictures.labels[places], np.array([prepared.groups[one.path] for one in listed]))


def loaded(
    extractor: FeatureExtractor, pictures: Any, cut: str | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields places of pictures, and their features at the cut, by default the extractor's root."""
    source = extractor.features(pictures, cut or extractor.root)
    for start in range(0, len(pictures), LOADED):
        rows, places = extractor.bad_files.load(source, np.arange(start, min(start + LOADED, len(pictures))))
        if places.size:
            yield places, rows


def stage_widths(prepared: Prepared) -> dict[str, int]:
    """Returns how many numbers each stage has in the features before the head, in their order."""
    layers = prepared.classifier.model.layers
    prefix = "head_average_"
    return {
        layer.name.removeprefix(prefix): int(layer.output.shape[-1])
        for layer in layers
        if layer.name.startswith(prefix)
    }


def set_head(model: Any, head: LogisticHead) -> None:
    """Sets the weights of a model's last layer; a sigmoid unit gets the difference of both classes."""
    kernel, bias = head.kernel, head.bias
    if model.outputs[0].shape[-1] == 1:
        kernel, bias = np.diff(kernel, axis=1), np.diff(bias)
    model.get_layer("head_output").set_weights([kernel.astype(np.float32), bias.astype(np.float32)])


def _predictions(
    listed: Sequence[Picture], rows: np.ndarray, said: np.ndarray, classes: Sequence[str]
) -> list[Prediction]:
    return [
        Prediction(printable(one.path), one.label, named(what, classes), tuple(map(float, row)))
        for one, row, what in zip(listed, rows, said, strict=True)
    ]


def _history(choice: Choice, fitted: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Returns the one row of a head that is solved: `val_*` are of the pictures when they were held out."""
    loss, accuracy = cross_entropies(fitted, labels).mean(), shares_right(fitted, labels).mean()
    trained = {"loss": float(loss), "accuracy": float(accuracy)}
    return {"phase": "head", "epoch": 1, **trained, "val_loss": choice.best.loss, "val_accuracy": choice.best.accuracy}


class HeadOutputs:
    """The whole model's outputs by way of the features of all stages, of which the chosen head takes some.

    It stands where a `FeatureExtractor` of the chosen classifier would, which would compute them anew.
    """

    def __init__(self, prepared: Prepared, extractor: FeatureExtractor, developed: Developed) -> None:
        self._extractor, self._widths = extractor, stage_widths(prepared)
        self._stages = developed.choice.best.design.stages
        self._whole = developed.classifier.model
        self._rest = developed.classifier.cut_model.after(developed.classifier.cut_model.root)

    def outputs(
        self, pictures: Any, passes: int | None = None, mirrored: bool = False
    ) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        """Yields places of pictures, and their rows; see `FeatureExtractor.outputs`, of whose options it takes none."""
        run = Forward(self._rest, BATCH)
        for places, x in loaded(self._extractor, pictures):
            rows = columns(x, self._widths, self._stages)
            yield places, [np.concatenate([run(rows[i : i + BATCH]) for i in range(0, len(rows), BATCH)])]

    def prove(self, pictures: Any) -> None:
        """Raises KerasVGGError unless the whole model says the same of the first pictures, within 1e-4."""
        require_near(largest_difference(self.outputs(pictures), self._whole, pictures, self._extractor.bad_files))
