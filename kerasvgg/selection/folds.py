"""Folds of cross-validation: stratified by class, with groups that never straddle."""

import warnings

import numpy as np

from kerasvgg.data.targets import strata
from kerasvgg.errors import DataError

FOLDS = 5
FEWEST = 20  # pictures of a class that a sample has


def stratified_group_folds(labels: np.ndarray, groups: np.ndarray, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Returns the fold (n,) that each picture is held out in, from 0 on.

    `labels` are `targets`, `groups` numbers (n,); pictures of a group are in one fold, and classes (of several, the
    rarest that a picture has) are spread as evenly as groups allow. There are at most as many folds as groups, and as
    the commonest class has pictures, but at least two; where no class has two pictures, they are held out in turn.
    Raises DataError for pictures that are all of one group. Source: scikit-learn's StratifiedGroupKFold.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    labels = strata(labels)
    if (there := len(np.unique(groups))) < 2:
        raise DataError(f"pictures must be of two groups, of which one can be held out, received {there}")
    commonest = int(np.unique(labels, return_counts=True)[1].max())
    if commonest < 2:
        return np.arange(len(labels)) % 2
    count = max(2, min(folds, there, commonest))
    held_out = np.empty(len(labels), dtype=np.intp)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that is rarer than there are folds
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        for fold, (_, places) in enumerate(splitter.split(labels, labels, groups)):
            held_out[places] = fold
    return held_out


def stratified_sample(labels: np.ndarray, most: int, seed: int = 0) -> np.ndarray:
    """Returns the places of `most` of the pictures, drawn, in order; of all if there are no more.

    Each class has the share that it has of all, a rare one more: FEWEST of its pictures if it has them, or as many as
    others. `labels` are `targets`.
    """
    if len(labels) <= most:
        return np.arange(len(labels))
    drawn = np.random.default_rng(seed).permutation(len(labels))
    _, kinds, sizes = np.unique(strata(labels)[drawn], return_inverse=True, return_counts=True)
    ranks = np.empty(len(labels))  # of each picture among those of its class, as they were drawn
    for kind in range(len(sizes)):
        ranks[kinds == kind] = np.arange(sizes[kind])
    order = np.where(ranks < FEWEST, ranks - FEWEST, (ranks + 0.5) / sizes[kinds])
    return np.sort(drawn[np.argsort(order, kind="stable")[:most]])
