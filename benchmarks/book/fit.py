"""How the chapter trains a network on streams of pictures."""

import keras

from benchmarks.book.generators import flow, plain
from benchmarks.book.listing import Listing


def fit(model: keras.Model, listing: Listing, train_generator: object, learning_rate: float) -> None:
    """Compiles and trains: 100 steps an epoch and 50 to validate, where there are 2,000 and 1,000 pictures."""
    model.compile(
        loss="binary_crossentropy",
        optimizer=keras.optimizers.RMSprop(learning_rate=learning_rate),
        metrics=["acc"],
    )
    model.fit(
        flow(train_generator, listing.directory("train")),
        steps_per_epoch=listing.steps("train"),
        epochs=listing.epochs,
        validation_data=flow(plain(), listing.directory("validation")),
        validation_steps=listing.steps("validation"),
        callbacks=[listing.clock],
    )
