"""The chapter's streams of pictures: ImageDataGenerator and its flow_from_directory."""

from typing import Any

from tensorflow.keras.preprocessing.image import ImageDataGenerator

from benchmarks.book.listing import BATCH, SIZE


def plain() -> ImageDataGenerator:
    """Only scales pixels to 0..1."""
    return ImageDataGenerator(rescale=1.0 / 255)


def augmented() -> ImageDataGenerator:
    """Also turns, moves, shears, zooms and mirrors the pictures at random."""
    return ImageDataGenerator(
        rescale=1.0 / 255,
        rotation_range=40,
        width_shift_range=0.2,
        height_shift_range=0.2,
        shear_range=0.2,
        zoom_range=0.2,
        horizontal_flip=True,
        fill_mode="nearest",
    )


def flow(generator: ImageDataGenerator, directory: str) -> Any:
    """Returns batches of pictures with 0 or 1 for their class."""
    return generator.flow_from_directory(directory, target_size=SIZE, batch_size=BATCH, class_mode="binary")
