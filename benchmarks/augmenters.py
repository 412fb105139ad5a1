"""A way to augment, and its rate: python -m benchmarks.augmenters WAY SOURCE FOLDER

WAY is imagedatagenerator, layers, kerasvgg or operation; SOURCE is memory or files. FOLDER has class folders.
"""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import keras
import numpy as np
from tensorflow.data import AUTOTUNE, Dataset
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import ArrayPictures, FilePictures
from kerasvgg.data.pipeline import training_batches
from kerasvgg.files.hashing import content_hash

BATCH = 32
SIZE = (150, 150)
WARM_SECONDS, SECONDS = 2.0, 4.0
RANGES = {"rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2, "zoom_range": 0.2}
FULL = Augmentation(**RANGES, shear_range=0.2, horizontal_flip=True)


def imagedatagenerator(pictures: FilePictures, folder: Path, in_memory: bool) -> Iterator[Any]:
    """The real class; its shear counts degrees."""
    generator = ImageDataGenerator(**RANGES, shear_range=math.degrees(0.2), horizontal_flip=True)
    if in_memory:
        return generator.flow(_loaded(pictures), pictures.labels, batch_size=BATCH)
    with redirect_stdout(sys.stderr):  # it says how many it found
        return generator.flow_from_directory(folder, target_size=SIZE, batch_size=BATCH, class_mode="binary")


def layers(pictures: FilePictures, folder: Path, in_memory: bool) -> Iterator[Any]:
    """What Keras advises instead."""
    if in_memory:
        dataset = Dataset.from_tensor_slices((_loaded(pictures), pictures.labels)).shuffle(len(pictures)).batch(BATCH)
    else:
        dataset = keras.utils.image_dataset_from_directory(
            folder, label_mode="binary", batch_size=BATCH, image_size=SIZE, interpolation="nearest", verbose=False
        )
    augment = keras.Sequential(
        [
            keras.layers.RandomRotation(40 / 360, fill_mode="nearest"),
            keras.layers.RandomTranslation(0.2, 0.2, fill_mode="nearest"),
            keras.layers.RandomShear(0.2, 0.0, fill_mode="nearest"),
            keras.layers.RandomZoom((-0.2, 0.2), (-0.2, 0.2), fill_mode="nearest"),
            keras.layers.RandomFlip("horizontal"),
        ]
    )
    endless = dataset.repeat().map(lambda x, y: (augment(x, training=True), y), num_parallel_calls=AUTOTUNE)
    return iter(endless.prefetch(AUTOTUNE))


def kerasvgg(pictures: FilePictures, folder: Path, in_memory: bool) -> Iterator[Any]:
    """The batches of kerasvgg's recipes."""
    source = ArrayPictures(_loaded(pictures), pictures.labels) if in_memory else pictures
    return iter(training_batches(source, BATCH, augmentation=FULL))


def operation(pictures: FilePictures, folder: Path, in_memory: bool) -> Iterator[Any]:
    """The augmentation alone, with its drawing."""
    images = _loaded(pictures)
    while True:
        for start in range(0, len(images) - BATCH + 1, BATCH):
            batch = images[start : start + BATCH]
            yield FULL.apply(batch, FULL.draw(SIZE, [(0, start, i) for i in range(BATCH)])), None


WAYS: dict[str, Callable[[FilePictures, Path, bool], Iterator[Any]]] = {
    way.__name__: way for way in (imagedatagenerator, layers, kerasvgg, operation)
}


def measure(batches: Iterator[Any]) -> dict[str, float]:
    """Returns the seconds until the first batch, and pictures a second once things have settled."""
    first = _pass(batches, 0.0)[1]
    _pass(batches, WARM_SECONDS)
    count, seconds = _pass(batches, SECONDS)
    return {"images_per_second": count / seconds, "first_seconds": first}


def _pass(batches: Iterator[Any], at_least: float) -> tuple[int, float]:
    started, count, seconds = time.perf_counter(), 0, 0.0
    while not count or seconds < at_least:
        count += len(next(batches)[0])
        seconds = time.perf_counter() - started
    return count, seconds


def _pictures(folder: Path) -> FilePictures:
    paths = sorted(folder.rglob("*.jpg"))
    classes = sorted({path.parent.name for path in paths})
    labels = [classes.index(path.parent.name) for path in paths]
    return FilePictures(paths, labels, [content_hash(path) for path in paths], Resizing(SIZE, "nearest"))


def _loaded(pictures: FilePictures) -> np.ndarray:
    return pictures.load(np.arange(len(pictures)))


if __name__ == "__main__":
    name, source, place = sys.argv[1:]
    print(json.dumps(measure(WAYS[name](_pictures(Path(place)), Path(place), source == "memory"))))
