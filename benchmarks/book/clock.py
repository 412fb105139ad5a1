"""How long the epochs of a listing take, and that none of them is cut short."""

import time
from typing import Any

import keras


class Clock(keras.callbacks.Callback):
    """Notes the seconds of each epoch, validation included; fails when an epoch has other than so many batches."""

    def __init__(self, batches: int, validation_batches: int) -> None:
        super().__init__()
        self.epochs: list[float] = []
        self.trainable_weights = 0
        self._wanted = (batches, validation_batches)
        self._seen = [0, 0]
        self._started = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.trainable_weights = len(self.model.trainable_weights)
        self._started = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._seen[0] += 1

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._seen[1] += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.perf_counter()
        self.epochs.append(now - self._started)
        if tuple(self._seen) != self._wanted:
            raise RuntimeError(f"epoch {epoch + 1} must have {self._wanted} batches, received {tuple(self._seen)}")
        self._started, self._seen = now, [0, 0]
