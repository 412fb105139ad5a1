"""The fourth recipe: head and training chosen by pictures that are held out."""

from typing import Any

from kerasvgg.recipes.options import CHOSEN_BY_AUTO, recipe
from kerasvgg.recipes.sources import train_from_sources
from kerasvgg.runs.trained import Trained


@recipe(without=CHOSEN_BY_AUTO, base="vgg16", weights="imagenet", image_size=(224, 224), batch_size=32)
def auto(
    train: Any, validation: Any = None, *, minutes: float | None = None, fine_tuning: bool = True, **options: Any
) -> Trained:
    """Chooses on which stages of the frozen base a linear head stands, and how strongly it is held back.

    Averages of the last stages go into a multinomial logistic regression; five folds over training and validation
    pictures together say which of them, and how, and the head is fitted on all. `train` and `validation` are folders of
    class folders, (images, labels) arrays, or tf.data.Datasets; pictures are RGB 0..255, uint8 or float
    (n, height, width, 3), labels class numbers (n,). Without `validation`, `train` has all pictures. With a run folder
    and no `test`, each picture is predicted by a head that was chosen without it. `minutes` is about how long it may
    take, `fine_tuning` whether that is tried, too.
    Raises ConfigError for options that can't be, DataError for pictures that can't be used.
    """
    return train_from_sources(train, validation, [], options, {"minutes": minutes, "fine_tuning": fine_tuning})
