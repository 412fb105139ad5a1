"""The third recipe: train a head first, then the base's last block with it."""

from collections.abc import Sequence
from typing import Any

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.errors import ConfigError
from kerasvgg.recipes.options import recipe
from kerasvgg.recipes.sources import train_from_sources
from kerasvgg.runs.trained import Trained
from kerasvgg.settings import as_tuple


@recipe(base="vgg16", weights="imagenet", units=(256,))
def fine_tuning(
    train: Any,
    validation: Any,
    *,
    layers: Sequence[str] | None = None,
    head_epochs: int = 30,
    head_learning_rate: float = 2e-5,
    epochs: int = 100,
    learning_rate: float = 1e-5,
    **options: Any,
) -> Trained:
    """Trains the head on the frozen base for `head_epochs`, then the `layers` for `epochs`; one history.

    `layers` are stages of the base or layer-name patterns: `block5` is block5_conv1 onwards; None: the last stage and
    the head. `train` and `validation` are folders of
    class folders, (images, labels) arrays, or tf.data.Datasets; pictures are RGB 0..255, uint8 or float
    (n, height, width, 3), labels class numbers (n,). Learning rates are above 0.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.

    Source: F. Chollet, Deep Learning with Python (2017), 5.3.2.
    """
    if layers is None:
        if not isinstance(options["base"], str):
            raise ConfigError("`layers` must be given for a base of your own, received none")
        stages = BACKBONES[options["base"]].stages if options["base"] in BACKBONES else ()
        layers = (*list(stages)[-1:], "head")
    stretches = [(("head",), head_epochs, head_learning_rate), (as_tuple(layers), epochs, learning_rate)]
    return train_from_sources(train, validation, stretches, options)
