"""A model's predictions for part of a split, by way of the frozen layers' features."""

from typing import NamedTuple

import numpy as np

from kerasvgg.data.manifest import printable
from kerasvgg.data.pictures import Pictures
from kerasvgg.data.split import Picture
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.features.frozen import Frozen
from kerasvgg.models.forward import class_probabilities


class OnePass(NamedTuple):
    """A prediction for each picture that could be read; `accuracies` of each pass with dropout, if there were such."""

    predictions: list[Prediction]
    accuracies: list[float]


def one_pass(
    frozen: Frozen,
    pictures: Pictures,
    listed: tuple[Picture, ...],
    class_names: tuple[str, ...],
    *,
    passes: int | None = None,
    mirrored: bool = False,
) -> OnePass:
    """Predicts pictures that are `listed`, each once.

    With `passes`, dropout stays at work: each picture is scored so many times and predicted by the mean. `mirrored`
    takes the mean of each picture and its mirror image.
    """
    predictions, hits = [], []
    for places, outputs in frozen.outputs(pictures, passes, mirrored):
        drawn = np.stack([class_probabilities(rows) for rows in outputs])
        hits.append(drawn.argmax(axis=2) == pictures.labels[places])
        for place, row in zip(places, drawn.mean(axis=0), strict=True):
            one, predicted = listed[place], class_names[int(row.argmax())]
            predictions.append(Prediction(printable(one.path), one.label, predicted, tuple(map(float, row))))
    accuracies = np.concatenate(hits, axis=1).mean(axis=1).tolist() if passes and hits else []
    return OnePass(predictions, accuracies)
