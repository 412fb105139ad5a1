"""What is to be exported, and the pictures by which it is proven."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.report.figures import Figures, read_said
from kerasvgg.runs.evaluation_set import evaluation_set_of_folder
from kerasvgg.runs.pictures import RunPicture, run_pictures

MOST = 1000  # pictures of a part that are looked at
CALIBRATING = 64
DRAWN = 16


@dataclass(frozen=True)
class Shown:
    """A picture; `label` is its class, or its classes, None where that is not known."""

    path: Path
    label: str | None


@dataclass(frozen=True)
class Source:
    """A model file, and pictures: those of `part` decide, those of `training` calibrate, those of `test` only report.

    `tested` is what the run's predictions.csv says of the test pictures, in the same order, and `test_hash` by what
    looks at them are counted. Where nothing was given, `part` is "drawn" and the pictures are made.
    """

    model: Path
    name: str
    about: Description | None
    identity: str
    part: str = "drawn"
    pictures: tuple[Shown, ...] = ()
    training: tuple[Path, ...] = ()
    test: tuple[Shown, ...] = ()
    tested: tuple[Prediction, ...] = field(default=(), repr=False)
    test_hash: str = ""


def source_of_run(folder: RunFolder, pictures: Path | None = None) -> Source:
    """Returns a run's model with its validation and test pictures, or with pictures of a folder in place of the first.

    A run that had no validation is proven on its training pictures. Raises DataError where the pictures are gone.
    """
    model = _model(folder.model_keras, str(folder.path))
    there = _there(folder, pictures)
    training = tuple(one.path for one in _some([one for one in there if one.split == "train"], CALIBRATING))
    part = next((part for part in ("validation", "train") if any(one.split == part for one in there)), "")
    if pictures is not None:
        found, part = _of_folder(pictures, model.about), pictures.name
    elif part:
        found = [Shown(one.path, one.label) for one in there if one.split == part]
    else:
        raise DataError(
            f"the pictures of `{folder.path}` must be where they were, or `--pictures` must name others; received none"
        )
    test, tested, test_hash = _tested(folder, there)
    more = {"part": part, "pictures": _some(found, MOST), "training": training or tuple(one.path for one in found)}
    return Source(**{**vars(model), **more, "test": test, "tested": tested, "test_hash": test_hash})


def source_of_file(path: Path, pictures: Path | None) -> Source:
    """Returns a model file, with the pictures of a folder if one is given. Raises DataError where it has none."""
    model = _model(path, path.name)
    if pictures is None:
        return model
    found = _of_folder(pictures, model.about)
    training = tuple(one.path for one in _some(found, CALIBRATING))
    return Source(**{**vars(model), "part": pictures.name, "pictures": _some(found, MOST), "training": training})


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


def _model(path: Path, name: str) -> Source:
    about = read_description(path) if path.suffix in (".keras", ".h5", ".hdf5") and path.is_file() else None
    identity = about.weights_sha256 if about and about.weights_sha256 else content_hash(path)
    return Source(path.absolute(), name, about, identity)


def _there(folder: RunFolder, pictures: Path | None) -> list[RunPicture]:
    try:
        return [one for one in run_pictures(folder) if content_hash(one.path) == one.sha256]
    except DataError:
        if pictures is None:
            raise
        return []


def _of_folder(root: Path, about: Description | None) -> list[Shown]:
    if not root.is_dir():
        raise DataError(f"`--pictures` must be a folder, received {root}")
    if about is not None and any(path.is_dir() for path in root.iterdir()):
        asked = evaluation_set_of_folder(root, about)
        found = [Shown(asked.root / one.path, one.label) for one in asked.pictures]
    else:
        found = [Shown(path, None) for path in pictures_below(root)[0]]
    if not found:
        raise DataError(f"`--pictures` must hold at least one picture, received none in {root}")
    return found


def _tested(folder: RunFolder, there: Sequence[RunPicture]) -> tuple[tuple[Shown, ...], tuple[Prediction, ...], str]:
    """Returns the test pictures that are there, what the run says of them, and by what looks at them are counted."""
    if not (folder.metrics.is_file() and folder.predictions.is_file()):
        return (), (), ""
    figures, paths = read_said(folder.metrics, Figures), {one.name: one.path for one in there if one.split == "test"}
    if figures.split != "test":
        return (), (), ""
    tested = _some([one for one in read_predictions(folder.predictions)[1] if one.path in paths], MOST)
    return tuple(Shown(paths[one.path], one.true) for one in tested), tested, figures.scored_sha256 if tested else ""


def _some(found: Sequence[Any], most: int) -> tuple[Any, ...]:
    """Returns so many of them, evenly over all."""
    if len(found) <= most:
        return tuple(found)
    return tuple(found[place * len(found) // most] for place in range(most))
