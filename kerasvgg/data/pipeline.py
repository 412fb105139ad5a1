"""Batches for Keras: float32 pixels 0..255, endless and shuffled for training, once through in order otherwise."""

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, Protocol

import numpy as np

from kerasvgg.data.augmentation.affine import matrices, resampler
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.loading import BadFiles, Pictures, load_batches
from kerasvgg.data.windows import Windows
from kerasvgg.errors import KerasVGGError

Batches = Iterator[tuple[Any, np.ndarray]]
Share = Callable[[np.ndarray], np.ndarray]
Shuffled = Callable[[np.random.Generator], np.ndarray]


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
    windows: Windows | None = None,
    augmentation: Augmentation | None = None,
    through: Layers | None = None,
    bad_files: BadFiles | None = None,
    share: Share | None = None,
) -> Any:
    """Returns an endless tf.data.Dataset of (x, y) whose batch k belongs to epoch first_epoch + k // steps.

    Without `steps` an epoch passes once over the pictures and its last batch may be smaller; with `steps` every
    batch is full, and the pictures are passed again, in another order, as often as that takes. What an epoch holds
    follows from (seed, epoch) alone. Of pictures in several `copies`, one copy after the other, each pass takes the
    next; with `windows`, its batches are those. After the augmentation, batches go `through` frozen layers. A batch
    lacks the pictures that `bad_files` skips. Of several processes, each has the `share` of every batch.
    """
    # TensorFlow moves the pixels of one batch while the next one is loaded.
    in_graph = augmentation is not None and augmentation.engine == "tfdata" and not through

    def endless() -> Batches:
        for epoch in count(first_epoch):
            how: dict[str, Any] = {"copies": copies, "windows": windows, "shuffled": shuffling(pictures)}
            batches = epoch_batches(len(pictures), batch_size, steps, (seed, epoch), **how)
            for images, indices, places in _loaded(pictures, batches, bad_files or BadFiles(), share):
                seeds = [(seed, epoch, place) for place in places.tolist()]
                yield _changed(images, seeds, augmentation, through, in_graph), pictures.labels[indices]

    labels = _labels(pictures)
    if augmentation and in_graph:
        change = resampler(augmentation.fill_mode, augmentation.cval)
        return _dataset(endless, _moved(pictures), labels, -1, change)
    return _dataset(endless, _floats(through.shape if through else pictures.shape), labels, -1)


def _changed(
    images: np.ndarray,
    seeds: Sequence[Sequence[int]],
    augmentation: Augmentation | None,
    through: Layers | None,
    in_graph: bool,
) -> Any:
    """Returns a batch as the model takes it or, to be moved in the graph, the pictures with their matrices."""
    if augmentation:
        transforms = augmentation.draw(images.shape[1:3], seeds)
        if in_graph:
            return images, matrices(transforms, *images.shape[1:3])
        images = augmentation.apply(images, transforms)
    return through(images) if through else images.astype(np.float32, copy=False)


def ordered_batches(
    pictures: Pictures,
    batch_size: int,
    steps: int | None = None,
    bad_files: BadFiles | None = None,
    *,
    share: Share | None = None,
) -> Any:
    """Returns a tf.data.Dataset that passes over the pictures in order: once, or for exactly `steps` batches.

    A batch lacks the pictures that `bad_files` skips. Of several processes, each has the `share` of every batch.
    """
    total = len(pictures) if steps is None else steps * batch_size

    def once() -> Batches:
        batches = _cut(np.arange(total) % len(pictures), batch_size)
        for images, indices, _ in _loaded(pictures, batches, bad_files or BadFiles(), share):
            yield images.astype(np.float32, copy=False), pictures.labels[indices]

    return _dataset(once, _floats(pictures.shape), _labels(pictures), math.ceil(total / batch_size))


def _loaded(
    pictures: Pictures, batches: Sequence[np.ndarray], bad_files: BadFiles, share: Share | None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yields batches, or of each this process's share, as `load_batches` does; for an empty one the first picture."""
    if share is None:
        yield from load_batches(pictures, batches, bad_files)
        return
    start = 0
    for batch in batches:
        own = share(np.arange(len(batch)))
        own = own if own.size else np.zeros(1, dtype=int)
        yield pictures.load(batch[own]), batch[own], start + own
        start += len(batch)


def steps_per_epoch(pictures: Pictures, batch_size: int, steps: int | None) -> int:
    """Returns `steps`, or how many batches one pass takes."""
    return steps or math.ceil(len(pictures) / batch_size)


def epoch_batches(
    n: int,
    batch_size: int,
    steps: int | None,
    seed: tuple[int, int],
    *,
    copies: int,
    windows: Windows | None,
    shuffled: Shuffled | None = None,
) -> list[np.ndarray]:
    """Returns the picture numbers of each training batch of the epoch that `seed` ends in, of n pictures in all.

    Where they say themselves in which order they are best read, `shuffled` is asked for it.
    """
    if windows and steps:
        return windows.draw(n, steps, *seed)
    return _cut(_order(n, batch_size, steps, seed, copies=copies, shuffled=shuffled), batch_size)


def shuffling(pictures: Pictures) -> Shuffled | None:
    """Returns what shuffles pictures that can't be read in any order at the same speed."""
    found: Shuffled | None = getattr(pictures, "shuffled", None)
    return found


def _order(
    n: int, batch_size: int, steps: int | None, seed: tuple[int, int], *, copies: int, shuffled: Shuffled | None
) -> np.ndarray:
    n //= copies
    wanted = n if steps is None else steps * batch_size
    passes = math.ceil(wanted / n)
    copy = (np.arange(passes) + seed[1] * passes) % copies
    draws = [np.random.default_rng((*seed, i)) for i in range(passes)]
    order = [(shuffled(draw) if shuffled else draw.permutation(n)) + n * copy[i] for i, draw in enumerate(draws)]
    return np.concatenate(order)[:wanted]


def _cut(order: np.ndarray, batch_size: int) -> list[np.ndarray]:
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def _floats(shape: tuple[int, ...]) -> Any:
    import tensorflow as tf

    return tf.TensorSpec((None, *shape), tf.float32)


def _labels(pictures: Pictures) -> Any:
    import tensorflow as tf

    kind = tf.float32 if pictures.labels.dtype.kind == "f" else tf.int32  # probabilities, or what is so
    return tf.TensorSpec((None, *pictures.labels.shape[1:]), kind)


def _moved(pictures: Pictures) -> Any:
    """Returns the signature of pictures together with where their pixels go."""
    import tensorflow as tf

    return tf.TensorSpec((None, *pictures.shape), pictures.dtype), tf.TensorSpec((None, 2, 3), tf.float64)


def _dataset(generator: Callable[[], Batches], x: Any, y: Any, batches: int, change: Any = None) -> Any:
    """Makes the dataset, of signature (x, y), and tells it its length (-1: endless); `change` makes pixels out of it.

    TensorFlow hides what the generator raises behind an error of its own, so the dataset's `failures` keep it.
    """
    import tensorflow as tf

    failures: list[Exception] = []

    def guarded() -> Batches:
        try:
            yield from generator()
        except (KerasVGGError, OSError, MemoryError) as error:
            failures.append(error)
            raise

    dataset = tf.data.Dataset.from_generator(guarded, output_signature=(x, y))
    if change:
        dataset = dataset.prefetch(2).map(lambda x, y: (change(*x), y))
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(batches)).prefetch(2)
    dataset.failures = failures
    return dataset
