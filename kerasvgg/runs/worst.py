"""A run's worst mistakes as pictures with heatmaps: by the model that a run has at hand, or later by its file."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.targets import classes_of
from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.evaluation.mistakes import worst_mistakes
from kerasvgg.evaluation.predictions import Prediction, read_predictions
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.progress import warn
from kerasvgg.report.run_page import write_page
from kerasvgg.report.worst import MOST, Seen, write_worst
from kerasvgg.runs.auto import DEVELOPMENT
from kerasvgg.runs.prepare import Prepared
from kerasvgg.runs.results import Show, picture_loader

PIXELS = 100_000  # that are sent through the network at once, which take some 250 MB in VGG16


def leave_page(prepared: Prepared, model: Any, folder: RunFolder, part: str) -> None:
    """Writes the worst mistakes of a part and the page of a run, which is finished, whatever becomes of these."""
    parts = DEVELOPMENT if part == "folds" else (part,)
    show, taken = prepared.loader(*parts), prepared.loader(*parts, smallest=1)
    try:
        write_worst_mistakes(folder, model, show, taken, multi_label=prepared.split.multi_label)
        write_page(folder)
    except Exception as error:  # such as memory that is short, or a base of one's own without feature maps
        warn(f"no page was written, `kerasvgg report` tries again: {error!r}")


def write_worst_mistakes(folder: RunFolder, model: Any, show: Show, taken: Show, *, multi_label: bool) -> None:
    """Writes the worst mistakes of the folder's predictions.

    `show` returns a picture's pixels, uint8 (height, width, 3), to be looked at, `taken` as the model takes them, and
    both None for one that is gone. A model without feature maps has no heatmaps.
    """
    names, predictions = read_predictions(folder.predictions)
    wrong = worst_mistakes(predictions, MOST, names if multi_label else None)
    pictures = [(show(one.path), taken(one.path)) for one in wrong]
    there = [place for place, pair in enumerate(pictures) if pair[0] is not None and pair[1] is not None]
    pixels = [pair[1] for place, pair in enumerate(pictures) if place in there and pair[1] is not None]
    classes = [_class_of(one, names, multi_label) for one in wrong]
    heats = dict(zip(there, _heats(model, pixels, [classes[place] for place in there]), strict=False))
    seen = [_seen(pair[0], heats.get(place), names[classes[place]]) for place, pair in enumerate(pictures)]
    write_worst(folder.worst, wrong, seen, multi_label=multi_label)


def _seen(shown: np.ndarray | None, coarse: np.ndarray | None, name: str) -> Seen:
    return Seen(shown, None if shown is None or coarse is None else with_heat(shown, coarse), name)


def with_heat(shown: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """Returns a picture, uint8 (height, width, 3), with the heat of a class map over it."""
    from kerasvgg.plots.heatmaps import overlay
    from kerasvgg.visualise.class_maps import heat

    mixed = overlay(shown, heat(coarse, (shown.shape[0], shown.shape[1])))
    return np.asarray((255 * mixed.clip(0, 1)).round(), dtype=np.uint8)


def _heats(model: Any, pictures: Sequence[np.ndarray], classes: Sequence[int]) -> list[np.ndarray]:
    from kerasvgg.visualise.class_maps import likely_maps

    if not pictures:
        return []
    count = max(1, PIXELS // (pictures[0].shape[0] * pictures[0].shape[1]))
    found: list[np.ndarray] = []
    try:
        for start in range(0, len(pictures), count):
            some = np.stack(pictures[start : start + count])
            found += list(likely_maps(model, some, classes[start : start + count]))
    except ConfigError:  # there is nothing that has places
        return []
    return found


def _class_of(one: Prediction, names: Sequence[str], multi_label: bool) -> int:
    """Returns the class whose heat is of interest: what was said, or of several the one that is furthest off."""
    if not multi_label:
        return list(names).index(one.predicted)
    true = classes_of(one.true)
    return max(range(len(names)), key=lambda place: abs(one.probabilities[place] - (names[place] in true)))


def add_worst_mistakes(folder: RunFolder) -> None:
    """Writes the worst mistakes of a run in a process of its own, which needs TensorFlow.

    Raises ConfigError for a folder without a model, and KerasVGGError with what that process says where it fails.
    """
    if not folder.model_keras.is_file():
        raise ConfigError(f"`RUNS` must have a model for `--heatmaps`, received `{folder.path}` without")
    words = [sys.executable, "-P", "-m", "kerasvgg.runs.worst", str(folder.path.absolute())]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise KerasVGGError(f"the heatmaps of `{folder.path}` could not be made: {said[-1] if said else 'killed'}")


def _main(path: Path) -> None:
    from kerasvgg.modelfile.open.open import open_model
    from kerasvgg.runs.pictures import run_pictures

    folder = RunFolder(path)
    try:
        opened = open_model(folder.model_keras)
        if (about := opened.description) is None:
            raise ConfigError(f"`{folder.model_keras}` must be a model that kerasvgg wrote")
        wrong = {one.path for one in worst_mistakes(read_predictions(folder.predictions)[1], class_names=())}
        there = [one for one in run_pictures(folder) if one.name in wrong]
        paths = {one.name: one.path for one in there if content_hash(one.path) == one.sha256}
        loaders = [picture_loader(paths, about.resizing, *how) for how in ((), (1,))]
        write_worst_mistakes(folder, opened.model, *loaders, multi_label=about.multi_label)
    except (KerasVGGError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
