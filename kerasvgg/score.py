"""A split scored in one pass: predictions.csv, and the figures that follow from it."""

from typing import Any

import numpy as np

from kerasvgg.data.manifest import printable
from kerasvgg.data.pictures import Pictures
from kerasvgg.data.split import Picture
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import Prediction, write_predictions
from kerasvgg.features.frozen import Frozen
from kerasvgg.models.forward import class_probabilities
from kerasvgg.run_folder import RunFolder


def score(
    frozen: Frozen,
    pictures: Pictures,
    listed: tuple[Picture, ...],
    class_names: tuple[str, ...],
    folder: RunFolder,
    *,
    passes: int | None = None,
    mirrored: bool = False,
) -> dict[str, Any]:
    """Writes the predictions for pictures that are `listed`, and returns their metrics.

    With `passes`, dropout stays at work: each picture is scored so many times and predicted by the mean; the figures
    then have the accuracy of each pass too. `mirrored` takes the mean of each picture and its mirror image.
    """
    predictions, hits = [], []
    for places, outputs in frozen.outputs(pictures, passes, mirrored):
        drawn = np.stack([class_probabilities(rows) for rows in outputs])
        hits.append(drawn.argmax(axis=2) == pictures.labels[places])
        for place, row in zip(places, drawn.mean(axis=0), strict=True):
            one, predicted = listed[place], class_names[int(row.argmax())]
            predictions.append(Prediction(printable(one.path), one.label, predicted, tuple(map(float, row))))
    write_predictions(folder.predictions, class_names, predictions)
    figures = metrics(class_names, predictions)
    return figures | _of_passes(np.concatenate(hits, axis=1)) if passes else figures


def _of_passes(hits: np.ndarray) -> dict[str, Any]:
    """Makes the figures of bools (passes, n): whether a picture was right in a pass."""
    accuracies = hits.mean(axis=1)
    each = {"passes": len(hits), "mean_accuracy": float(accuracies.mean()), "accuracies": accuracies.tolist()}
    return {"stochastic": each}
