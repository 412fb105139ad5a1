"""What is to be exported, and the pictures by which it is proven."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from kerasvgg.data.folder.manifest import read_manifest
from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import printable
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.process.progress import say
from kerasvgg.report.figures import Figures, read_said
from kerasvgg.runs.evaluation_set import evaluation_set_of_folder
from kerasvgg.runs.pictures import RunPicture, run_pictures

MOST = 1000  # pictures of a part that are looked at
CALIBRATING = 64
DRAWN = 16
One = TypeVar("One")


@dataclass(frozen=True)
class Shown:
    """A picture; `label` is its class, or its classes, None where that is not known."""

    path: Path
    label: str | None


@dataclass(frozen=True)
class Source:
    """A model file, and pictures: those of `part` decide, those of `training` calibrate, those of `test` only report.

    `identity` tells models apart by their weights. `tested` is what the run's predictions.csv says of the test
    pictures, in the same order, and `test_hash` by what looks at them are counted. Without `pictures` some are drawn.
    """

    model: Path
    name: str
    about: Description | None
    identity: str
    part: str = ""
    pictures: tuple[Shown, ...] = ()
    training: tuple[Path, ...] = ()
    test: tuple[Shown, ...] = ()
    tested: tuple[Prediction, ...] = field(default=(), repr=False)
    test_hash: str = ""


def source_of_run(folder: RunFolder, pictures: Path | None = None) -> Source:
    """Returns a run's model with its validation and test pictures, or with pictures of a folder in place of the first.

    A run that had no validation is proven on its training pictures. Raises DataError where the pictures are gone.
    """
    source = source_of_file(folder.model_keras, pictures)
    source = replace(source, name=printable(str(folder.path)))
    there = _there(folder, pictures)
    if training := _unchanged(there, "train", CALIBRATING):
        source = replace(source, training=tuple(one.path for one in training))
    if pictures is None:
        parts = {row["split"] for row in read_manifest(folder.split)}
        part = "validation" if "validation" in parts else "train"
        found = _unchanged(there, part, MOST)
        if not found:
            asked = "must be what and where they were, or `--pictures` must name others"
            raise DataError(f"the {part} pictures of `{folder.path}` {asked}; received none")
        source = replace(source, part=part, pictures=tuple(Shown(one.path, one.label) for one in found))
    return _with_test(source, folder, there)


def source_of_file(path: Path, pictures: Path | None, identity: str = "") -> Source:
    """Returns a model file, with the pictures of a folder if one is given; these calibrate, too.

    `identity` is the model's, where its file says none. Raises DataError for a folder without pictures.
    """
    about = read_description(path) if path.suffix in (".keras", ".h5", ".hdf5") and path.is_file() else None
    identity = (about.weights_sha256 if about else "") or identity or content_hash(path)
    source = Source(path.absolute(), path.name, about, identity)
    if pictures is None:
        return source
    found = some(_of_folder(pictures, about), MOST)
    training = tuple(one.path for one in some(found, CALIBRATING))
    return replace(source, part=printable(pictures.absolute().name), pictures=found, training=training)


def draw(folder: Path) -> tuple[Shown, ...]:
    """Writes pictures for a model of which none are known: coarse patterns of colours, drawn by a fixed seed."""
    from PIL import Image

    random, made = np.random.default_rng(0), []
    for number in range(DRAWN):
        coarse = random.integers(0, 256, (2 + number % 6, 3 + number % 5, 3), dtype=np.uint8)
        path = folder / f"drawn-{number}.png"
        Image.fromarray(coarse).resize((320, 240), Image.Resampling.BICUBIC).save(path)
        made.append(Shown(path, None))
    return tuple(made)


def some(found: Sequence[One], most: int) -> tuple[One, ...]:
    """Returns so many of them, evenly over all."""
    if len(found) <= most:
        return tuple(found)
    return tuple(found[place * len(found) // most] for place in range(most))


def _there(folder: RunFolder, pictures: Path | None) -> list[RunPicture]:
    try:
        return run_pictures(folder)
    except DataError:
        if pictures is None:
            raise
        return []


def _unchanged(there: Sequence[RunPicture], part: str, most: int) -> list[RunPicture]:
    """Returns so many of a part's pictures, less those whose content is another by now, which are told."""
    asked = some([one for one in there if one.split == part], most)
    found = [one for one in asked if _is_same(one)]
    if len(found) < len(asked):
        say(f"{len(asked) - len(found):,} of {len(asked):,} {part} pictures have changed, and are left out")
    return found


def _is_same(one: RunPicture) -> bool:
    try:
        return content_hash(one.path) == one.sha256
    except OSError:
        return False


def _of_folder(root: Path, about: Description | None) -> list[Shown]:
    if not root.is_dir():
        raise DataError(f"`--pictures` must be a folder, received {root}")
    if about is not None and any(path.is_dir() and not path.name.startswith(".") for path in root.iterdir()):
        asked = evaluation_set_of_folder(root, about)
        found = [Shown(asked.root / one.path, one.label) for one in asked.pictures]
    else:
        found = [Shown(path, None) for path in pictures_below(root)[0]]
    if not found:
        raise DataError(f"`--pictures` must hold at least one picture, received none in {root}")
    return found


def _with_test(source: Source, folder: RunFolder, there: Sequence[RunPicture]) -> Source:
    """Adds the test pictures that are there, what the run says of them, and by what looks at them are counted."""
    if not (folder.metrics.is_file() and folder.predictions.is_file() and source.about):
        return source
    figures, (names, predictions) = read_said(folder.metrics, Figures), read_predictions(folder.predictions)
    if figures.split != "test":
        return source
    if names != source.about.class_names:
        raise DataError(f"`{folder.predictions}` must have the classes of `{folder.model_keras}`, received others")
    known = {one.path: one for one in predictions}
    found = [one for one in _unchanged(there, "test", MOST) if one.name in known]
    test = tuple(Shown(one.path, one.label) for one in found)
    tested = tuple(known[one.name] for one in found)
    return replace(source, test=test, tested=tested, test_hash=figures.scored_sha256)
