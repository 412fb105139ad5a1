"""Batches for Keras: float32 pixels 0..255, endless and shuffled for training, once through in order otherwise."""

import math
from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np

from kerasvgg.data.augment import Augmentation
from kerasvgg.data.pictures import Pictures


class Layers(Protocol):
    """Layers as a function of a batch, and the shape of what they make of one picture."""

    shape: tuple[int, ...]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns float32 outputs."""
        ...


def training_batches(
    pictures: Pictures,
    batch_size: int,
    steps: int | None = None,
    *,
    seed: int = 0,
    first_epoch: int = 0,
    copies: int = 1,
    augmentation: Augmentation | None = None,
    through: Layers | None = None,
) -> Any:
    """Returns an endless tf.data.Dataset of (x, y) whose batch k belongs to epoch first_epoch + k // steps.

    Without `steps` an epoch passes once over the pictures and its last batch may be smaller; with `steps` every
    batch is full, and the pictures are passed again, in another order, as often as that takes. What an epoch holds
    follows from (seed, epoch) alone. Of pictures in several `copies`, one copy after the other, each pass takes the
    next. After the augmentation, batches go `through` frozen layers.
    """

    def load(indices: np.ndarray, epoch: int, start: int) -> np.ndarray:
        images = pictures.load(indices)
        if augmentation:
            seeds = [(seed, epoch, start + i) for i in range(len(indices))]
            images = augmentation.apply(images, augmentation.draw(images.shape[1:3], seeds))
        return through(images) if through else images.astype(np.float32)

    def endless() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        epoch = first_epoch
        while True:
            order = _order(len(pictures), batch_size, steps, (seed, epoch), copies)
            for start, indices in _in_batches(order, batch_size):
                yield load(indices, epoch, start), pictures.labels[indices]
            epoch += 1

    return _dataset(endless, through.shape if through else _shape(pictures), batches=-1)


def ordered_batches(pictures: Pictures, batch_size: int, steps: int | None = None) -> Any:
    """Returns a tf.data.Dataset that passes over the pictures in order: once, or for exactly `steps` batches."""
    count = len(pictures) if steps is None else steps * batch_size

    def once() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for _, indices in _in_batches(np.arange(count) % len(pictures), batch_size):
            yield pictures.load(indices).astype(np.float32), pictures.labels[indices]

    return _dataset(once, _shape(pictures), batches=math.ceil(count / batch_size))


def steps_per_epoch(pictures: Pictures, batch_size: int, steps: int | None) -> int:
    """Returns `steps`, or how many batches one pass takes."""
    return steps or math.ceil(len(pictures) / batch_size)


def _order(n: int, batch_size: int, steps: int | None, seed: tuple[int, int], copies: int) -> np.ndarray:
    n //= copies
    wanted = n if steps is None else steps * batch_size
    passes = math.ceil(wanted / n)
    copy = (np.arange(passes) + seed[1] * passes) % copies
    order = [np.random.default_rng((*seed, i)).permutation(n) + n * copy[i] for i in range(passes)]
    return np.concatenate(order)[:wanted]


def _in_batches(order: np.ndarray, batch_size: int) -> Iterator[tuple[int, np.ndarray]]:
    return ((start, order[start : start + batch_size]) for start in range(0, len(order), batch_size))


def _shape(pictures: Pictures) -> tuple[int, ...]:
    return pictures.load(np.array([0])).shape[1:]


def _dataset(generator: Any, shape: tuple[int, ...], batches: int) -> Any:
    """Makes the dataset and tells it its length (-1: endless), which Keras would otherwise have to try out."""
    import tensorflow as tf

    signature = (tf.TensorSpec((None, *shape), tf.float32), tf.TensorSpec((None,), tf.int32))
    dataset = tf.data.Dataset.from_generator(generator, output_signature=signature)
    return dataset.apply(tf.data.experimental.assert_cardinality(batches)).prefetch(2)
