"""Folds of cross-validation: stratified by class, with groups that never straddle."""

import warnings

import numpy as np

from kerasvgg.data.targets import strata

FOLDS = 5


def stratified_group_folds(labels: np.ndarray, groups: np.ndarray, folds: int = FOLDS, seed: int = 0) -> np.ndarray:
    """Returns the fold (n,) that each picture is held out in, from 0 on.

    `labels` are `targets`, `groups` numbers (n,); pictures of a group are in one fold, and classes (of several, the
    rarest that a picture has) are spread as evenly as groups allow. There are at most as many folds as the rarest class
    has groups, but at least two; where no class has two pictures, they are held out in turn.
    Source: scikit-learn's StratifiedGroupKFold.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    labels = strata(labels)
    if np.unique(labels, return_counts=True)[1].max() < 2:
        return np.arange(len(labels)) % 2
    count = max(2, min(folds, _fewest_groups(labels, groups)))
    held_out = np.empty(len(labels), dtype=np.intp)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a class that is rarer than there are folds
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        for fold, (_, places) in enumerate(splitter.split(labels, labels, groups)):
            held_out[places] = fold
    return held_out


def _fewest_groups(labels: np.ndarray, groups: np.ndarray) -> int:
    return min(len(set(groups[labels == label])) for label in np.unique(labels))
