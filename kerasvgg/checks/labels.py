"""Labels that look wrong, by features of the pictures."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kerasvgg.errors import DataError

FOLDS = 5
FEWEST = 10  # pictures of a class
PENALTY = 0.003  # the inverse of it, as scikit-learn counts
SHARE = 0.95  # of what a class is usually given by its own pictures, that another one's picture must give it
TIMES = 3  # as likely as its own label that other class must be


class Suspect(NamedTuple):
    """A picture's number, the class that its features speak for, and the probabilities of that and of its label."""

    number: int
    likelier: int
    probability: float
    of_label: float


def require_enough(labels: np.ndarray, groups: Sequence[int]) -> None:
    """Raises DataError unless there are two classes of ten pictures, in as many groups of copies as there are folds."""
    pictures = Counter(labels.tolist())
    different = Counter(label for label, _ in set(zip(labels.tolist(), groups, strict=True)))
    fewest, least = (min(counts.values(), default=0) for counts in (pictures, different))
    if len(pictures) < 2 or fewest < FEWEST or least < FOLDS:
        raise DataError(
            f"`--labels` must have two classes, {FEWEST} pictures of each, {FOLDS} of them different; received "
            f"{len(pictures):,}, at least {fewest:,} pictures of each, {least:,} of them different"
        )


def suspects(features: np.ndarray, labels: np.ndarray, groups: Sequence[int], seed: int = 0) -> list[Suspect]:
    """Returns the pictures whose labels look wrong, the surest first, by features (n, size) and class numbers (n,).

    A logistic regression tells each picture's class without having seen it, or one of its group: copies of it are in
    the same of the five folds. A label looks wrong where another class is as sure as it usually is of its own pictures
    (Northcutt, Jiang and Chuang, Confident Learning, 2021). Raises DataError as `require_enough` does.
    """
    require_enough(labels, groups)
    probabilities = _out_of_fold(features, labels, groups, seed)
    usual = np.array([probabilities[labels == one, one].mean() for one in range(probabilities.shape[1])])
    likelier = probabilities.argmax(axis=1)
    everyone = np.arange(len(labels))
    best, given = probabilities[everyone, likelier], probabilities[everyone, labels]
    found = np.flatnonzero((best >= SHARE * usual[likelier]) & (best >= TIMES * given))
    found = found[np.argsort(given[found], kind="stable")]
    return [Suspect(int(one), int(likelier[one]), float(best[one]), float(given[one])) for one in found]


def _out_of_fold(features: np.ndarray, labels: np.ndarray, groups: Sequence[int], seed: int) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=500))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return cross_val_predict(model, features, labels, groups=groups, cv=folds, method="predict_proba")
