"""Whether a heatmap follows from what was learnt: its likeness to those of randomised weights (Adebayo et al. 2018)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from kerasvgg.visualise.class_maps import class_maps
from kerasvgg.visualise.kernels import is_preprocessing
from kerasvgg.visualise.layers import layers_by_path


@contextmanager
def randomised(layers: Iterable[Any], seed: int) -> Iterator[None]:
    """Gives the layers new weights during the block: Glorot's uniform kernels, biases of 0, the rest as it is."""
    unique = {id(layer): layer for layer in layers}.values()
    before = [(layer, layer.get_weights()) for layer in unique]
    draw = np.random.default_rng(seed)
    try:
        for layer, arrays in before:
            names = [weight.name for weight in layer.weights]
            layer.set_weights([_drawn(name, array, draw) for name, array in zip(names, arrays, strict=True)])
        yield
    finally:
        for layer, arrays in before:
            layer.set_weights(arrays)


def _drawn(name: str, array: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    if array.ndim < 2:
        return np.zeros_like(array) if name == "bias" else array
    places = int(np.prod(array.shape[:-2]))
    bound = np.sqrt(6 / (places * (array.shape[-2] + array.shape[-1])))
    return draw.uniform(-bound, bound, array.shape).astype(array.dtype)


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
