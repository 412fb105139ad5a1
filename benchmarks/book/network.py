"""The chapter's networks."""

import keras
from keras import layers, models

from benchmarks.book.listing import SIZE
from benchmarks.weights import weights_file

FILTERS = (32, 64, 128, 128)


def small_network(dropout: float = 0.0) -> keras.Model:
    """Returns four convolutions, each with a pooling, and a dense head; dropout comes before the head."""
    model = models.Sequential([layers.Input((*SIZE, 3))])
    for filters in FILTERS:
        model.add(layers.Conv2D(filters, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    if dropout:
        model.add(layers.Dropout(dropout))
    model.add(layers.Dense(512, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model


def convolutional_base() -> keras.Model:
    """Returns VGG16 without its top, with ImageNet's weights."""
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(*SIZE, 3))
    base.load_weights(weights_file())
    return base


def network_on(base: keras.Model) -> keras.Model:
    """Returns the base with the chapter's head on top."""
    return models.Sequential(
        [base, layers.Flatten(), layers.Dense(256, activation="relu"), layers.Dense(1, activation="sigmoid")]
    )
