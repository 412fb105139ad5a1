"""VGG16's features, predicted once in batches of 20, and a head on them: python -m benchmarks.book.features FOLDER

Source: F. Chollet, Deep Learning with Python (2017), 5.3.1, the fast way: 30 epochs. The seconds of the features are
those of train, validation and test; the epochs are the head's.
"""

import time

import keras
import numpy as np
from keras import layers, models

from benchmarks.book.generators import flow, plain
from benchmarks.book.listing import BATCH, Listing, main
from benchmarks.book.network import convolutional_base


def train(listing: Listing) -> dict[str, float]:
    """Extracts the features of all parts and trains the head; returns the seconds that the former takes."""
    started = time.perf_counter()
    base = convolutional_base()
    features, labels = {}, {}
    for part in ("train", "validation", "test"):
        features[part], labels[part] = _extract(base, listing.directory(part), listing.pictures(part))
    seconds = time.perf_counter() - started
    model = models.Sequential(
        [
            layers.Input(features["train"].shape[1:]),
            layers.Dense(256, activation="relu"),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=2e-5), loss="binary_crossentropy", metrics=["acc"])
    model.fit(
        features["train"],
        labels["train"],
        epochs=listing.epochs,
        batch_size=BATCH,
        validation_data=(features["validation"], labels["validation"]),
        callbacks=[listing.clock],
    )
    return {"features_seconds": seconds}


def _extract(base: keras.Model, directory: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    features, labels = np.zeros((count, 4, 4, 512)), np.zeros(count)
    for i, (pictures, classes) in enumerate(flow(plain(), directory)):
        features[i * BATCH : (i + 1) * BATCH] = base.predict(pictures)
        labels[i * BATCH : (i + 1) * BATCH] = classes
        if (i + 1) * BATCH >= count:
            break
    return features.reshape(count, 4 * 4 * 512), labels


if __name__ == "__main__":
    main(train)
