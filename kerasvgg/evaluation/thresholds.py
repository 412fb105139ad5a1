"""What a row of probabilities says: the likeliest class or, of several, those at or above their thresholds."""

from collections.abc import Sequence

import numpy as np

from kerasvgg.data.targets import joined_classes

Thresholds = tuple[float, ...]
USUAL = 0.5


def chosen(rows: np.ndarray, thresholds: Thresholds | None) -> np.ndarray:
    """Returns what probabilities (..., classes) say, as `targets` has it: class numbers (...), or 0 and 1 for each."""
    if thresholds is None:
        likeliest: np.ndarray = rows.argmax(axis=-1)
        return likeliest
    return (rows >= np.array(thresholds)).astype(np.int32)


def called(row: np.ndarray, class_names: Sequence[str], thresholds: Thresholds | None) -> str:
    """Returns the label that probabilities (classes,) say."""
    return named(chosen(row, thresholds), class_names)


def named(said: np.ndarray, class_names: Sequence[str]) -> str:
    """Returns the label of a class number, or of 0 and 1 for each class (classes,)."""
    if said.ndim == 0:
        return class_names[int(said)]
    return joined_classes(name for name, there in zip(class_names, said, strict=True) if there)


def shares_right(rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Returns how much of each picture (n,) is right: 0 or 1, or the share of its classes, taken from 0.5 on.

    `wanted` are `targets`. It is what Keras calls accuracy, or binary accuracy.
    """
    if wanted.ndim == 1:
        return np.asarray(rows.argmax(axis=1) == wanted, dtype=float)
    return np.asarray(((rows >= USUAL) == wanted).mean(axis=1))


def best_thresholds(rows: np.ndarray, wanted: np.ndarray) -> Thresholds | None:
    """Returns for each class the threshold with the highest F1 on pictures that were held out.

    `rows` (n, classes) are their probabilities, `wanted` 0 and 1 for each class; of class numbers there are none. A
    threshold lies in the middle between two probabilities; of equally good ones it is that nearest to 0.5, as
    it is for a class that none has.
    """
    if wanted.ndim == 1:
        return None
    return tuple(_best(column, truth) for column, truth in zip(rows.T, wanted.T, strict=True))


def _best(probabilities: np.ndarray, truth: np.ndarray) -> float:
    order = np.argsort(-probabilities, kind="stable")
    falling, hits = probabilities[order].astype(np.float64), truth[order].cumsum()
    below = np.append(falling[1:], 0.0)
    places = np.flatnonzero(falling > below)  # pictures of one probability are taken together
    if not hits[-1:].any() or not places.size or not np.isfinite(falling).all():
        return USUAL
    f1 = 2 * hits[places] / (places + 1 + hits[-1])
    between = (falling[places] + below[places]) / 2
    best = np.flatnonzero(f1 == f1.max())
    return float(min(between[best], key=lambda one: abs(one - USUAL)))
