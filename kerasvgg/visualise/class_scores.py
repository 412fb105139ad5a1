"""A model's scores before they become probabilities."""

from typing import Any

import numpy as np

from kerasvgg.visualise.output_layer import output_layer
from kerasvgg.visualise.record import record


def class_scores(model: Any, pictures: np.ndarray) -> np.ndarray:
    """Returns (n, classes) for pictures (n, height, width, channels): what comes before sigmoid or softmax.

    One sigmoid unit is two classes: the score of class 0 is minus its number.
    """
    result = np.asarray(record(model, pictures, linear=output_layer(model)).result)
    scores = result.reshape(len(pictures), -1)
    return np.concatenate([-scores, scores], axis=1) if scores.shape[1] == 1 else scores
