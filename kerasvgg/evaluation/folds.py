"""The accuracy that folds estimate, with an interval that allows for groups and for what the folds share."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from kerasvgg.data.picture import Picture
from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.statistics import Z95, wilson

SHARED = 1.5  # times the variance of as many new pictures of one model; benchmarks/fold_coverage.py holds it to that
IMAGINED = 1.0  # groups that are wholly wrong, as Wilson's interval imagines wrong pictures


@dataclass(frozen=True)
class FoldAccuracy:
    """The share of pictures that were right when they were held out, its 95 % interval, and what that counts on.

    `independent` is the number of pictures that tell as much, each of its own group and held out from one model.
    """

    accuracy: float
    low: float
    high: float
    independent: float


def fold_accuracy(right: np.ndarray, groups: np.ndarray, shared: float = SHARED) -> FoldAccuracy:
    """Returns the accuracy to expect of a training on as many new pictures as each of the folds' trainings had.

    `right` says of each picture (n,) whether a model that had seen none of its group was right, or of several
    partitions into folds (partitions, n); `groups` are numbers (n,). With `shared` 1 it is the accuracy of one model on
    new pictures in groups.
    Source: Wilson's interval with an effective number of pictures, as for surveys of clusters (Kott and Carr 1997): n
    is divided by Kish's design effect (1965) of the groups, and by SHARED, since folds share their training pictures.
    That lies between 1, right for folds as good as independent (Bayle et al. 2020), and 2.25, which follows for five
    folds from the correction of Nadeau and Bengio (2003).
    """
    shares = np.atleast_2d(right).mean(axis=0)
    accuracy = float(shares.mean())
    independent = len(shares) / (_design_effect(shares, groups) * shared)
    return FoldAccuracy(accuracy, *wilson(accuracy * independent, independent), independent)


def _design_effect(shares: np.ndarray, groups: np.ndarray) -> float:
    """Returns how much more the mean of pictures in groups varies: 1 + (mates of a picture) x (how alike they are).

    How alike is the correlation of what is right within groups. One more group is imagined, wholly wrong, so that few
    mistakes, which say little of it, count as alike.
    """
    _, places, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    mates = float((sizes * (sizes - 1)).sum()) / len(shares)
    if not mates:
        return 1.0
    apart = shares - shares.mean()
    imagined = IMAGINED * (mates + 1) * mates
    together = float((np.bincount(places, apart) ** 2).sum() - (apart**2).sum())
    alike = (together + imagined) / (float(shares.mean() * (1 - shares.mean())) * mates * len(shares) + imagined)
    return 1 + mates * min(max(alike, 0.0), 1.0)


def picture_groups(pictures: Sequence[Picture]) -> list[int] | None:
    """Returns the number of each picture's group, or None where each has one of its own, as those without a name."""
    return group_numbers([(one.group, not one.group and one.path) for one in pictures])


def group_numbers(names: Sequence[Hashable]) -> list[int] | None:
    """Returns the number of each picture's group by what names it, or None where each picture has one of its own."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names] if len(numbers) < len(names) else None


def fold_figures(right: np.ndarray, folds: np.ndarray) -> list[dict[str, float]]:
    """Returns fold, n, correct and accuracy of each fold, from 1, of what was right (n,) when its fold (n,) was out."""
    held_out = [right[folds == fold] for fold in np.unique(folds)]
    return [
        {"fold": number, "n": len(one), "correct": int(one.sum()), "accuracy": float(one.mean())}
        for number, one in enumerate(held_out, start=1)
    ]


def expected_interval(pictures: float, accuracy: float = 0.5) -> tuple[float, float]:
    """Returns the 95 % interval that so many pictures will about have, if the accuracy comes out like this.

    0.5 is the worst case. Of pictures in groups whose members are alike, the groups count.
    """
    independent = pictures / SHARED
    return wilson(accuracy * independent, independent)


def pictures_for(width: float, accuracy: float = 0.5) -> int:
    """Returns how many pictures give an interval of this width from end to end, as half of today's."""
    if not 0 < width < 1:
        raise ConfigError(f"`width` must be above 0 and below 1, received {width}")
    half, variance = width / 2, accuracy * (1 - accuracy)
    slope, curve = variance - 2 * half**2, 0.25 - half**2
    inverse = (math.sqrt(slope**2 + 4 * curve * half**2) - slope) / (2 * curve)  # z * z / n
    return math.ceil(SHARED * Z95**2 / inverse)
