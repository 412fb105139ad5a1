"""What is written of a split that was scored: predictions.csv, and the figures that follow from it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.pictures.decode import decode
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.targets import targets
from kerasvgg.errors import DataError
from kerasvgg.evaluation.calibration import Bin, calibrated, calibration_bins, probabilities, reliability_of
from kerasvgg.evaluation.folds import SHARED
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import Prediction, read_predictions, write_predictions
from kerasvgg.evaluation.statistics import accuracy_words
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.plots.classes import draw_classes
from kerasvgg.plots.confusion import draw_confusion
from kerasvgg.plots.pictures import draw_mistakes
from kerasvgg.plots.reliability import AXES, AXES_OF_EACH_CLASS, draw_reliability

SMALLEST_SHOWN = 200  # pixels that a picture's longer side has at least, where it is to be looked at
Show = Callable[[str], np.ndarray | None]


def write_results(
    folder: RunFolder,
    class_names: Sequence[str],
    predictions: Sequence[Prediction],
    temperature: float,
    show: Show,
    *,
    subtitle: str = "",
    dark: bool = False,
    groups: Sequence[int] | None = None,
    shared: float = SHARED,
    multi_label: bool = False,
) -> dict[str, Any]:
    """Writes the predictions and draws confusion, reliability and the worst mistakes; returns the metrics.

    Where pictures have several classes, what each of these comes to is drawn in place of the confusion.

    All figures are of what predictions.csv holds, read back from there. `show` returns the pixels of a path. With
    `groups` the predictions are by folds, or with `shared` 1 of test pictures in groups (see `metrics`).
    """
    write_predictions(folder.predictions, class_names, predictions)
    _, written = read_predictions(folder.predictions)
    figures = metrics(class_names, written, temperature, groups, shared=shared, multi_label=multi_label)
    title = accuracy_words(figures["correct"], figures["n"], figures.get("independent"))
    look: dict[str, Any] = {"title": f"all classes right: {title}" if multi_label else title, "dark": dark}
    if multi_label:
        draw_classes(figures["per_class"], folder.classes, subtitle=subtitle, **look)
    else:
        draw_confusion(figures["confusion"], class_names, folder.confusion, subtitle=subtitle, **look)
    curves = _reliability(class_names, written, temperature, multi_label)
    axes = AXES_OF_EACH_CLASS if multi_label else AXES
    draw_reliability(curves, folder.reliability, subtitle=subtitle, axes=axes, **look)
    draw_mistakes(written, show, folder.mistakes, class_names=class_names if multi_label else None, **look)
    return figures


def _reliability(
    class_names: Sequence[str], predictions: Sequence[Prediction], temperature: float, multi_label: bool
) -> dict[str, list[Bin]]:
    before = probabilities(predictions)
    if multi_label:
        wanted = targets([one.true for one in predictions], class_names, multi_label)
        return {"each class of each picture": calibration_bins(before, wanted)}
    curves = {"as the model says": reliability_of(predictions, before)}
    if temperature != 1:
        after = calibrated(before, temperature)
        curves[f"with temperature {temperature:.3g}"] = reliability_of(predictions, after)
    return curves


def picture_loader(paths: dict[str, Path], resizing: Resizing, smallest: int = SMALLEST_SHOWN) -> Show:
    """Returns what shows the pictures with these names, as the model takes them but not too small to be looked at.

    With `smallest` 1 they are as the model takes them.
    """
    height, width = resizing.image_size
    scale = max(1, -(-smallest // max(height, width)))
    large = resizing._replace(image_size=(scale * height, scale * width))

    def show(name: str) -> np.ndarray | None:
        try:
            return decode(paths[name], *large)
        except (DataError, KeyError):  # gone or changed since it was scored
            return None

    return show


def array_loader(pictures: Pictures, names: Sequence[str], smallest: int = SMALLEST_SHOWN) -> Show:
    """Returns what shows pictures in memory by their names, each pixel enlarged until they can be looked at."""
    places = {name: place for place, name in enumerate(names)}
    scale = max(1, -(-smallest // max(pictures.shape[:2])))

    def show(name: str) -> np.ndarray | None:
        if name not in places:
            return None
        pixels = pictures.load(np.array([places[name]]))[0]
        return np.kron(pixels, np.ones((scale, scale, 1))).clip(0, 255).astype(np.uint8)

    return show
