"""The second recipe: a new head on a frozen, pretrained base."""

from typing import Any, Unpack

from kerasvgg.recipes.options import Options
from kerasvgg.recipes.sources import train_from_sources
from kerasvgg.training.classifier import Trained


def feature_extraction(
    train: Any, validation: Any, *, epochs: int = 30, learning_rate: float = 2e-5, **options: Unpack[Options]
) -> Trained:
    """Trains a head on what the frozen base makes of the pictures: once per picture, or each time if augmented.

    `train` and `validation` are folders of class folders, (images, labels) arrays, or tf.data.Datasets; pictures
    are RGB 0..255. Defaults: base vgg16, units (256,), dropout 0.5.
    Nothing stays written unless a `run_folder` or `feature_folder` is given.

    Source: F. Chollet, Deep Learning with Python (2017), 5.3.1.
    """
    defaults = Options(dropout=0.5)
    return train_from_sources(
        train, validation, [(("head",), epochs, learning_rate)], Options(**{**defaults, **options})
    )
