"""The first recipe: a small CNN that learns from the pictures alone."""

from typing import Any, Unpack

from kerasvgg.recipes.options import Options
from kerasvgg.recipes.sources import train_from_sources
from kerasvgg.training.classifier import Trained


def from_scratch(
    train: Any, validation: Any, *, epochs: int = 30, learning_rate: float = 1e-4, **options: Unpack[Options]
) -> Trained:
    """Trains every layer of a small CNN, by default the chapter's.

    `train` and `validation` are folders of class folders, (images, labels) arrays, or tf.data.Datasets; pictures
    are RGB 0..255. Defaults: base small_cnn, weights None, preprocessing unit, units (512,).
    Nothing stays written unless a `run_folder` or `feature_folder` is given.

    Source: F. Chollet, Deep Learning with Python (2017), 5.2.
    """
    defaults = Options(base="small_cnn", weights=None, preprocessing="unit", units=(512,))
    return train_from_sources(train, validation, [(("*",), epochs, learning_rate)], Options(**{**defaults, **options}))
