"""The first recipe: a small CNN that learns from the pictures alone."""

from typing import Any

from kerasvgg.recipes.options import recipe
from kerasvgg.recipes.sources import train_from_sources
from kerasvgg.runs.trained import Trained


@recipe(base="small_cnn", weights=None, units=(512,))
def from_scratch(
    train: Any, validation: Any, *, epochs: int = 30, learning_rate: float = 1e-4, **options: Any
) -> Trained:
    """Trains every layer of a small CNN, by default the chapter's.

    `train` and `validation` are folders of class folders, (images, labels) arrays, or tf.data.Datasets; pictures
    are RGB 0..255, uint8 or float (n, height, width, 3), labels class numbers (n,). `learning_rate` is above 0.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Source: F. Chollet, Deep Learning with Python (2017), 5.2.
    """
    return train_from_sources(train, validation, [(("*",), epochs, learning_rate)], options)
