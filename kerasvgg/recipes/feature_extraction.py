"""The second recipe: a new head on a frozen, pretrained base."""

from typing import Any

from kerasvgg.recipes.options import recipe
from kerasvgg.recipes.sources import train_from_sources
from kerasvgg.runs.trained import Trained


@recipe(base="vgg16", weights="imagenet", units=(256,), dropout=0.5)
def feature_extraction(
    train: Any, validation: Any, *, epochs: int = 30, learning_rate: float = 2e-5, **options: Any
) -> Trained:
    """Trains a head on what the frozen base makes of the pictures: once per picture, or each time if augmented.

    `train` and `validation` are folders of class folders, (images, labels) arrays, or tf.data.Datasets; pictures
    are RGB 0..255, uint8 or float (n, height, width, 3), labels class numbers (n,). `learning_rate` is above 0.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Source: F. Chollet, Deep Learning with Python (2017), 5.3.1.
    """
    return train_from_sources(train, validation, [(("head",), epochs, learning_rate)], options)
