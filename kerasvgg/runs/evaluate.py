"""A model judged by pictures whose classes are known."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any

from kerasvgg.data.folder.manifest import write_manifest
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError, ModelFileError
from kerasvgg.evaluation.folds import picture_groups
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.evaluation.test_access import record_access, require_countable, scored_hash
from kerasvgg.files.hashing import fingerprint
from kerasvgg.files.run_folder import RunFolder, new_folder
from kerasvgg.files.text import printable
from kerasvgg.modelfile.description import Description
from kerasvgg.process.environment import environment
from kerasvgg.process.progress import track
from kerasvgg.runs.evaluation_set import EvaluationSet, evaluation_set_of_folder, known_before
from kerasvgg.runs.predict import Refused, predict
from kerasvgg.runs.results import picture_loader, write_results
from kerasvgg.settings import Engine

TEST = "test", "all"  # parts at which looks are counted
TOLERANCE = 1e-2  # of probabilities that must add up to 1
LeftOut = list[tuple[str, str]]


@dataclass(frozen=True)
class Scored:
    """One pass over pictures: a prediction of each that can be decoded, these pictures, and what was left out."""

    predictions: list[Prediction]
    pictures: list[Picture]
    left_out: LeftOut


@dataclass(frozen=True)
class Evaluation:
    """`metrics` of the pictures (see there); `left_out` pairs a path with the reason why it was not scored.

    `test_seen` is how often these pictures were scored by now, None for those of validation.
    """

    folder: RunFolder
    metrics: dict[str, Any]
    predictions: list[Prediction]
    left_out: LeftOut
    test_seen: int | None


def evaluate(
    model: Any,
    description: Description,
    asked: EvaluationSet,
    folder: RunFolder,
    *,
    source: str = "",
    known: Mapping[str, int] | None = None,
    dark: bool = False,
    engine: Engine | None = None,
) -> Evaluation:
    """Scores the pictures in one pass and writes what a run writes of its test split into `folder`.

    `source` is what the notes call the model, `engine` what is to compute it, `known` how many pictures it came about
    by (see `known_before`). Pictures that can't be decoded are left out. Raises DataError where none is left,
    ModelFileError for a model that gives no probabilities, and ConfigError where a look can't be counted.
    """
    started = time.monotonic()
    if asked.part in TEST:
        require_countable()
    scored = _one_pass(model, description, asked, engine)
    described = replace(description, weights_sha256=fingerprint(model.weights))
    return write_evaluation(folder, described, asked, scored, started, source=source, known=known, dark=dark)


def write_evaluation(
    folder: RunFolder,
    description: Description,
    asked: EvaluationSet,
    scored: Scored,
    started: float,
    *,
    source: str,
    known: Mapping[str, int] | None,
    dark: bool,
) -> Evaluation:
    """Counts the look at the pictures, unless they are those of validation, and writes what `evaluate` does.

    `started` is when the scoring began, by time.monotonic.
    """
    content = scored_hash((one.label, one.sha256) for one in scored.pictures)
    # Before anything is written that could be looked at.
    seen = record_access(content, folder.path) if asked.part in TEST else None
    figures = _report(folder, description, asked, scored, dark=dark)
    about: dict[str, Any] = {"split": asked.part, "role": "evaluated", "scored_sha256": content}
    if known:
        about["known_before"] = dict(known)
    figures = {**about, "weights_sha256": description.weights_sha256, **figures}
    write_manifest(folder.split, tuple(scored.pictures))
    skipped = dict(scored.left_out)
    notes = {"model": source, "pictures": printable(str(asked.root)), "skipped": skipped, "test_seen": seen}
    seconds = round(time.monotonic() - started, 1)
    folder.write_json(folder.environment, {**environment(), **notes, "images": figures["n"], "seconds": seconds})
    folder.write_json(folder.metrics, figures)
    _, written = read_predictions(folder.predictions)
    return Evaluation(folder, figures, written, scored.left_out, seen)


def _report(
    folder: RunFolder,
    description: Description,
    asked: EvaluationSet,
    scored: Scored,
    *,
    dark: bool,
) -> dict[str, Any]:
    paths = {printable(one.path): asked.root / one.path for one in scored.pictures}
    show = picture_loader(paths, description.resizing)
    how: dict[str, Any] = {"subtitle": asked.part if asked.part != "all" else "", "dark": dark}
    how["multi_label"] = description.multi_label
    if groups := picture_groups(scored.pictures):
        how |= {"groups": groups, "shared": 1.0}
    return write_results(folder, description.class_names, scored.predictions, description.temperature, show, **how)


def _one_pass(model: Any, description: Description, asked: EvaluationSet, engine: Engine | None) -> Scored:
    refused: Refused = []
    pictures = {str(asked.root / one.path): one for one in asked.pictures}
    listed = ((Path(path), one.label) for path, one in pictures.items())
    found = predict(model, description, listed, refused, engine=engine)
    tracked = track(found, "scoring pictures", len(pictures))
    predictions = list(_renamed(tracked, pictures, description.multi_label))
    left_out = [(pictures[path].path, why.removeprefix(f"{path}: ")) for path, why in refused]
    if not predictions:
        raise DataError(f"`{asked.root}` must hold at least one picture, received none")
    bad = {path for path, _ in refused}
    scored = [one for path, one in pictures.items() if path not in bad]
    return Scored(predictions, scored, [*asked.left_out, *left_out])


def _renamed(found: Iterable[Prediction], pictures: dict[str, Picture], multi_label: bool) -> Iterator[Prediction]:
    """Yields predictions whose paths are those below the pictures' folder, as a run has them."""
    for one in found:
        require_probabilities(one.probabilities, multi_label)
        yield replace(one, path=printable(pictures[one.path].path))


def require_probabilities(shares: Sequence[float], multi_label: bool) -> None:
    """Raises ModelFileError for numbers that are none, or, of one class a picture, do not add up to 1."""
    if all(0 <= share <= 1 for share in shares) and (multi_label or abs(sum(shares) - 1) <= TOLERANCE):
        return
    received = ", ".join(f"{share:.4g}" for share in shares[:10])
    sums = "" if multi_label else " that add up to 1"
    raise ModelFileError(f"the model must give probabilities{sums}, received {received}")


def evaluate_folder(
    model: Any,
    description: Description,
    pictures: Path,
    run: RunFolder | None = None,
    output: str | PathLike[str] | None = None,
    *,
    source: str = "",
    engine: Engine | None = None,
) -> Evaluation:
    """Scores the pictures of class folders, or of a split folder's test part, into `output` (see `new_folder`)."""
    asked = evaluation_set_of_folder(pictures, description)
    known = known_before(asked, run) if run else {}
    parent, name = (run.path, run.evaluations.name) if run else (Path(), "evaluations")
    with new_folder(Path(output) if output is not None else None, parent, name) as target:
        return evaluate(model, description, asked, target, source=source, known=known, engine=engine)
