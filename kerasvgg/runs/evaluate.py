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
from kerasvgg.runs.report import picture_loader, write_report
from kerasvgg.settings import Engine

TOLERANCE = 1e-2  # of probabilities that must add up to 1
LeftOut = list[tuple[str, str]]


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
    is_test = asked.part in ("test", "all")
    if is_test:
        require_countable()
    predictions, scored, left_out = _one_pass(model, description, asked, engine)
    content = scored_hash((one.label, one.sha256) for one in scored)
    # Before anything is written that could be looked at.
    seen = record_access(content, folder.path) if is_test else None
    figures = _report(folder, description, asked, predictions, scored, dark=dark)
    about: dict[str, Any] = {"split": asked.part, "role": "evaluated", "scored_sha256": content}
    if known:
        about["known_before"] = dict(known)
    figures = {**about, "weights_sha256": fingerprint(model.weights), **figures}
    write_manifest(folder.split, tuple(scored))
    notes = {"model": source, "pictures": printable(str(asked.root)), "skipped": dict(left_out), "test_seen": seen}
    seconds = round(time.monotonic() - started, 1)
    folder.write_json(folder.environment, {**environment(), **notes, "images": len(scored), "seconds": seconds})
    folder.write_json(folder.metrics, figures)
    _, written = read_predictions(folder.predictions)
    return Evaluation(folder, figures, written, left_out, seen)


def _report(
    folder: RunFolder,
    description: Description,
    asked: EvaluationSet,
    predictions: Sequence[Prediction],
    scored: Sequence[Picture],
    *,
    dark: bool,
) -> dict[str, Any]:
    paths = {printable(one.path): asked.root / one.path for one in scored}
    show = picture_loader(paths, description.resizing)
    how: dict[str, Any] = {"subtitle": asked.part if asked.part != "all" else "", "dark": dark}
    how["multi_label"] = description.multi_label
    if groups := picture_groups(scored):
        how |= {"groups": groups, "shared": 1.0}
    return write_report(folder, description.class_names, predictions, description.temperature, show, **how)


def _one_pass(
    model: Any, description: Description, asked: EvaluationSet, engine: Engine | None
) -> tuple[list[Prediction], list[Picture], LeftOut]:
    """Returns a prediction for each picture that can be decoded, these pictures, and what was left out."""
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
    return predictions, scored, [*asked.left_out, *left_out]


def _renamed(found: Iterable[Prediction], pictures: dict[str, Picture], multi_label: bool) -> Iterator[Prediction]:
    """Yields predictions whose paths are those below the pictures' folder, as a run has them."""
    for one in found:
        adds_up = multi_label or abs(sum(one.probabilities) - 1) <= TOLERANCE
        if not all(0 <= share <= 1 for share in one.probabilities) or not adds_up:
            received = ", ".join(f"{share:.4g}" for share in one.probabilities[:10])
            sums = "" if multi_label else " that add up to 1"
            raise ModelFileError(f"the model must give probabilities{sums}, received {received}")
        yield replace(one, path=printable(pictures[one.path].path))


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
