"""What VGG16, as ImageNet trained it, makes of pictures: 512 numbers for each."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasvgg.data.pictures import FilePictures
from kerasvgg.data.split import Picture
from kerasvgg.features.frozen import Frozen
from kerasvgg.home import cache
from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.weights.sources import imagenet_weights

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
    files = FilePictures.of_split(root, pictures, names, SIZE, about.interpolation)
    with Frozen(model, ["head_dense1"], about, cache() / "features") as frozen:
        rows = frozen.features(files, "head_dense1")
        places = np.arange(len(files))
        return np.concatenate([rows.load(places[start : start + AT_ONCE]) for start in range(0, len(places), AT_ONCE)])
