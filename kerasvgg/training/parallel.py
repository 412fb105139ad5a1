"""Several processes that train as one: each has its share of every batch, and all add up their gradients.

What is added up goes through TensorFlow's MultiWorkerMirroredStrategy, which joins the processes; the weights are plain
ones, equal everywhere, because every process takes the same step. `Model.fit` does not work so in Keras 3
(keras-team/keras#20585), so that the loop is one of our own, with Keras' callbacks.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from kerasvgg.errors import ConfigError
from kerasvgg.models.freezing import CutModel
from kerasvgg.training.member import added, member, strategy
from kerasvgg.training.phase import Phase

FIGURES = ("loss", "accuracy")


def require_shareable(cut_model: CutModel, phases: Sequence[Phase], workers: int) -> None:
    """Raises ConfigError where so many processes are not there, or can't share the batches.

    Two kinds of layers do not do with shares of a batch what they do with whole ones: batch normalisation that trains,
    because of its statistics, and other layers that draw than dropout.
    """
    if workers != member().count:
        raise ConfigError(f"`workers` must be 1, but where `kerasvgg run` begins them all; received {workers}")
    if workers == 1:
        return
    normal = [layer for layer in cut_model.whole.layers if type(layer).__name__ == "BatchNormalization"]
    trained = [layer.name for layer in normal if any(cut_model.trains(layer, phase.layers) for phase in phases)]
    if trained:
        raise ConfigError(
            f"`workers` must be 1 where batch normalisation trains, as {trained[0]} does: its statistics would be "
            "those of a share of each batch; `model.batch_statistics: fixed` keeps them as they are"
        )
    drawing = [layer for layer in cut_model.after(cut_model.root).layers if hasattr(layer, "seed_generator")]
    if others := [layer.name for layer in drawing if type(layer).__name__ != "Dropout"]:
        raise ConfigError(f"`workers` must be 1 with layers that draw, other than dropout; received {others[0]}")


def fit_together(
    model: Any,
    batches: Any,
    validation: Any,
    *,
    callbacks: Sequence[Any],
    class_weight: dict[int, float] | None,
    sizes: tuple[Sequence[int], Sequence[int]],
    initial_epoch: int,
    epochs: int,
) -> None:
    """Fits a compiled model as `Model.fit` does, on batches of which each process gets its share.

    `sizes` are those of an epoch's whole batches, of training and of validation. Where a batch has fewer pictures than
    there are processes, some get one that does not count, because not every layer takes an empty batch. What all
    compute is what one process would on whole batches, but for the order in which numbers are added.
    """
    import keras

    steps = _Steps(model, class_weight)
    called = keras.callbacks.CallbackList(callbacks, model=model)
    model.stop_training = False
    called.on_train_begin()
    given = iter(batches)
    with drawing_for_all(model, steps):
        for epoch in range(initial_epoch, epochs):
            called.on_epoch_begin(epoch)
            told = called.on_train_batch_begin, called.on_train_batch_end
            logs = _mean(((*next(given), size) for size in sizes[0]), steps.train, *told)
            told = called.on_test_batch_begin, called.on_test_batch_end
            tested = _mean(
                ((*batch, size) for batch, size in zip(validation, sizes[1], strict=True)), steps.test, *told
            )
            member().require_equal(model.trainable_variables)
            called.on_epoch_end(epoch, {**logs, **{f"val_{name}": value for name, value in tested.items()}})
            if model.stop_training:
                break
    called.on_train_end()


Sums = tuple[float, float, float]  # loss times pictures, right ones, pictures


def _mean(
    batches: Iterator[Any], step: Callable[..., Sums], begin: Callable[..., None], end: Callable[..., None]
) -> dict[str, float]:
    """Returns the means over the batches; they are told after each, as Keras does."""
    totals, logs = np.zeros(3), dict.fromkeys(FIGURES, 0.0)
    for number, batch in enumerate(batches):
        begin(number)
        totals += step(*batch)
        logs = {name: float(total / totals[2]) for name, total in zip(FIGURES, totals, strict=False)}
        end(number, logs)
    return logs


class _Steps:
    """A step of training and one of validation, for all processes at once."""

    def __init__(self, model: Any, class_weight: dict[int, float] | None) -> None:
        import keras
        import tensorflow as tf

        self.before = tf.Variable(0, dtype=tf.int32)  # pictures of the batch that others have before this one's
        self.own = tf.Variable(0, dtype=tf.int32)  # pictures that count
        self.total = tf.Variable(0, dtype=tf.int32)  # pictures of the batch
        self._model = model
        self._is_sum = getattr(model.loss, "reduction", "") == "sum"
        self._weights = tf.constant(_weights(class_weight), tf.float32) if class_weight else None
        self._is_binary = binary = getattr(model.layers[-1], "activation", None) is keras.activations.sigmoid
        self._cross_entropy = (
            keras.losses.binary_crossentropy if binary else keras.losses.sparse_categorical_crossentropy
        )
        self._right = keras.metrics.binary_accuracy if binary else keras.metrics.sparse_categorical_accuracy
        model.optimizer.build(model.trainable_variables)
        self._train, self._test = (tf.function(one, autograph=False) for one in (self._train_all, self._test_all))

    def train(self, x: Any, y: Any, size: int) -> Sums:
        """Changes the weights by a batch of this size, of which x and y are this process's share."""
        self._place(size)
        return self._told(self._train(x, y))

    def test(self, x: Any, y: Any, size: int) -> Sums:
        """Looks at a batch of validation."""
        self._place(size)
        return self._told(self._test(x, y))

    def _place(self, size: int) -> None:
        before, after = (member().before(size, place) for place in (member().place, member().place + 1))
        for variable, number in ((self.total, size), (self.before, before), (self.own, after - before)):
            variable.assign(number)

    def _told(self, sums: Sequence[Any]) -> Sums:
        loss, right, count = (float(one) for one in sums)
        return loss * (count if self._is_sum else 1.0), right, count

    def _train_all(self, x: Any, y: Any) -> Any:
        import tensorflow as tf

        def own(x: Any, y: Any) -> Any:
            with tf.GradientTape() as tape:
                figures = self._figures(x, y, training=True)
            gradients = tape.gradient(figures[0], self._model.trainable_variables)
            return added([*gradients, *figures])

        *gradients, loss, right, count = strategy().run(own, args=(x, y))
        scale = 1.0 if self._is_sum else 1.0 / count
        self._model.optimizer.apply([one * scale for one in gradients], self._model.trainable_variables)
        return loss, right, count

    def _test_all(self, x: Any, y: Any) -> Any:
        return strategy().run(lambda x, y: added(self._figures(x, y, training=False)), args=(x, y))

    def _figures(self, x: Any, y: Any, training: bool) -> list[Any]:
        import tensorflow as tf

        said = self._model(x, training=training)
        wanted = tf.reshape(y, tf.shape(said)) if self._is_binary else y
        counts = tf.cast(tf.range(tf.shape(x)[0]) < self.own, tf.float32)
        losses = self._cross_entropy(wanted, said) * counts
        if self._weights is not None and training:
            losses *= tf.gather(self._weights, y)
        right = tf.cast(self._right(wanted, said), tf.float32)
        right = tf.reduce_mean(tf.reshape(right, [tf.shape(x)[0], -1]), axis=1)  # of several classes, the share of them
        return [tf.reduce_sum(losses), tf.reduce_sum(right * counts), tf.reduce_sum(counts)]


def _weights(class_weight: dict[int, float]) -> list[float]:
    return [class_weight[number] for number in sorted(class_weight)]


@contextmanager
def drawing_for_all(model: Any, steps: _Steps) -> Iterator[None]:
    """Has dropout draw for the whole batch in the block, and each process take what is its own pictures'.

    So the draws are those that one process makes of whole batches.
    """
    import keras
    import tensorflow as tf

    def drawing(layer: Any) -> Callable[..., Any]:
        def call(inputs: Any, training: bool = False) -> Any:
            if not training or layer.rate == 0:
                return inputs
            ones = tf.ones(tf.concat([steps.total[None], tf.shape(inputs)[1:]], 0), inputs.dtype)
            how = {"noise_shape": layer.noise_shape, "seed": layer.seed_generator}
            drawn, rows = keras.random.dropout(ones, layer.rate, **how), tf.shape(inputs)[0]
            start = tf.minimum(steps.before, steps.total - rows)
            return inputs * drawn[start : start + rows]

        return call

    layers = [layer for layer in model.layers if type(layer) is keras.layers.Dropout]
    for layer in layers:
        layer.call = drawing(layer)
    try:
        yield
    finally:
        for layer in layers:
            del layer.call
