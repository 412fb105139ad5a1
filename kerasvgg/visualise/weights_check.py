"""Whether heatmaps follow from what a model has learnt: the check of Adebayo et al. 2018."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasvgg.visualise.class_maps import class_maps
from kerasvgg.visualise.kernels import is_preprocessing
from kerasvgg.visualise.layers import layers_by_path
from kerasvgg.visualise.randomised import randomised

MOST_STAGES = 6


@dataclass(frozen=True)
class Stage:
    """A class map (height, width) after the weights of the layers from the top down to the path `down_to` were drawn
    anew, `drawn` of them, and its rank correlation with the model's own; "" and 0 for the model itself.
    """

    down_to: str
    drawn: int
    coarse: np.ndarray
    correlation: float


def weights_check(
    model: Any, image: np.ndarray, class_index: int, layer: str = "", *, stages: int = MOST_STAGES, seed: int = 0
) -> list[Stage]:
    """Returns the model's own class map and those of models that have forgotten more and more, from the top down.

    The last one has forgotten everything. A heatmap that stays the same shows the picture's edges, not the model.
    """
    own = class_maps(model, image, [class_index], layer)
    found = [Stage("", 0, own.maps[0], 1.0)]
    top_down = [item for item in reversed(layers_by_path(model).items()) if _learns(item[1])]
    for count in np.unique(np.linspace(1, len(top_down), stages).round().astype(int)).tolist():
        with randomised((one for _, one in top_down[:count]), seed):
            coarse = class_maps(model, image, [class_index], own.layer).maps[0]
        found.append(Stage(top_down[count - 1][0], count, coarse, rank_correlation(own.maps[0], coarse)))
    return found


def learning_layers(model: Any) -> list[Any]:
    """Returns the layers with kernels, without the preprocessing."""
    return [layer for layer in layers_by_path(model).values() if _learns(layer)]


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Returns Spearman's coefficient of two maps, 0 where one of them is the same everywhere."""
    from scipy.stats import spearmanr

    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(spearmanr(one.ravel(), other.ravel()).statistic)


def _learns(layer: Any) -> bool:
    return any(len(weight.shape) > 1 for weight in layer.weights) and not is_preprocessing(layer)
