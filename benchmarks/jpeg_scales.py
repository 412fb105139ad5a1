"""What it changes to decode a large JPEG at a part of its size: python -m benchmarks.jpeg_scales [--images 1000]

The photos of cats_and_dogs at 64x64, which their short side of 256 pixels allows: how far pixels move, how far VGG16's
features, and the accuracy of logistic regression on these features in five folds, with the pictures decoded whole and
at a half, a quarter or an eighth of their size. McNemar's test says whether the two differ.
"""

from pathlib import Path
from unittest.mock import patch

import keras
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.measure import options, print_table
from benchmarks.pictures import LABELS, photos
from kerasvgg.backbones.weights.sources import imagenet_weights
from kerasvgg.data.pictures import decode as decoder
from kerasvgg.engines.engine import runner
from kerasvgg.evaluation.statistics import mcnemar
from kerasvgg.models.classifier import build_classifier

SIZE = (64, 64)
BATCH = 32
HEADER = ("decoded", "photos at 1/2, 1/4, 1/8", "levels moved, mean", "features, relative L2", "accuracy, 5 folds", "p")


def main(images: int) -> None:
    """Prints a line for whole pictures and one for those at a part of their size."""
    of_label = photos()
    paths = [path for label in LABELS for path in of_label[label][: images // 2]]
    labels = np.repeat([0, 1], images // 2)
    scales = [decoder.jpeg_scale(path, SIZE) for path in paths]
    scaled = _decoded(paths)
    with patch.object(decoder, "SCALES", (1,)):
        whole = _decoded(paths)
    features = [_features(pictures) for pictures in (whole, scaled)]
    right = [_predicted(x, labels) == labels for x in features]
    moved = np.abs(whole.astype(int) - scaled).mean()
    far = np.linalg.norm(features[0] - features[1]) / np.linalg.norm(features[0])
    counts = ", ".join(f"{scales.count(scale):,}" for scale in (2, 4, 8))
    p = mcnemar(int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum()))
    rows = [("whole", "", "", "", f"{right[0].mean():.1%}", "")]
    rows.append(("at a part", counts, f"{moved:.2f}", f"{far:.3f}", f"{right[1].mean():.1%}", f"{p:.2f}"))
    print_table(HEADER, rows)


def _decoded(paths: list[Path]) -> np.ndarray:
    return np.stack([decoder.decode(path, SIZE) for path in paths])


def _features(pictures: np.ndarray) -> np.ndarray:
    model = build_classifier("vgg16", SIZE, 2, kind="vgg", weights=imagenet_weights("vgg16"), pooling="average")
    run = runner(keras.Model(model.inputs, model.get_layer("head_average").output), BATCH, "ncnn")
    return np.concatenate([run(pictures[start : start + BATCH]) for start in range(0, len(pictures), BATCH)])


def _predicted(x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    head = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    return cross_val_predict(head, x, labels, cv=StratifiedKFold(5, shuffle=True, random_state=0))


if __name__ == "__main__":
    main(**vars(options(__doc__, images=1000).parse_args()))
