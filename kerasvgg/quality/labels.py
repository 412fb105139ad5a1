"""Labels that look wrong, by what VGG16 sees in the pictures."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasvgg.backbones.weights.sources import imagenet_weights
from kerasvgg.data.duplicates.pairs import joined
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.errors import DataError
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.locations import cache
from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.freezing import CutModel
from kerasvgg.quality.kinds import Finding
from kerasvgg.quality.survey import Survey

SIZE = (224, 224)
AT_ONCE = 1024


def vgg16_features(root: Path, pictures: Sequence[Picture], classes: Sequence[str]) -> np.ndarray:
    """Returns the average-pooled features of the pictures, float32 (n, 512).

    They come from the same cache as a run's with 224 x 224 pixels, average pooling and no dropout before it, and are
    computed once. Raises WeightsError if there are no weights, BadFileError for a picture that has gone bad.
    """
    names = tuple(classes)
    model = build_classifier(
        "vgg16", SIZE, len(names), kind="vgg", weights=imagenet_weights("vgg16"), pooling="average"
    )
    about = Description(names, SIZE, "bilinear", "vgg", "vgg16")
    files = FilePictures.of_split(root, pictures, names, about.resizing)
    with FeatureExtractor(CutModel(model, [("head",)]), about, cache() / "features") as extractor:
        rows = extractor.features(files, extractor.root)
        places = np.arange(len(files))
        return np.concatenate([rows.load(places[start : start + AT_ONCE]) for start in range(0, len(places), AT_ONCE)])


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
            f"`--wrong-labels` must have two classes, {FEWEST} pictures of each, {FOLDS} of them different; received "
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
    probabilities: np.ndarray = cross_val_predict(
        model, features, labels, groups=groups, cv=folds, method="predict_proba"
    )
    return probabilities


def wrong_labels(survey: Survey) -> list[Finding]:
    """Returns the labels that look wrong, the surest first; features are computed once per picture and kept.

    Raises DataError for too few pictures (see `require_enough`) and for several classes a picture, before features are
    computed.
    """
    if survey.multi_label:
        raise DataError("`--wrong-labels` must have pictures with one class each, received such with several")
    names, pictures = list(survey.counts), survey.pictures
    labels = np.array([names.index(one.label) for one in pictures], dtype=int)
    together = joined(pictures)
    require_enough(labels, together)
    features = vgg16_features(survey.root, pictures, names)
    return [
        Finding(
            "suspicious-label",
            (pictures[one.number].path,),
            f"{names[one.likelier]} {one.probability:.1%}; called {pictures[one.number].label} {one.of_label:.1%}",
        )
        for one in suspects(features, labels, together)
    ]
