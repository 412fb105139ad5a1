"""Several batches of a head at a time: the same numbers, and a mistake is still told with its pictures."""

import keras
import numpy as np
import pytest

from kerasvgg.data.pictures.memory import MemoryCache, cache_features
from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.recipes import feature_extraction
from kerasvgg.training.guards.dead_runs import DeadRunError

HEAD = {"base": "small_cnn", "weights": None, "image_size": (48, 48), "units": [4], "dropout": 0.5, "batch_size": 2}


class Batches(keras.callbacks.Callback):
    """Counts how often it is called after a batch; it has each batch seen by itself."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(batch)


def test_batches_trained_at_once_give_what_they_give_one_by_one(noisy, monkeypatch):
    together = feature_extraction(noisy(), noisy(), **HEAD, epochs=3)
    counted = Batches()
    alone = feature_extraction(noisy(), noisy(), **HEAD, epochs=3, callbacks=[counted])
    assert counted.seen == [*range(12)] * 3
    assert together.history == alone.history


def test_a_loss_that_is_no_number_is_told_with_the_batches_that_were_trained_at_once(noisy):
    how = {**HEAD, "optimizer": "sgd", "learning_rate": 1e30, "epochs": 2}
    with pytest.raises(
        DeadRunError, match=r"in one of the batches 1 to 6 of epoch 1 \((number \d+, ){4}number \d+ and 7 more\)"
    ):
        feature_extraction(noisy(), noisy(), **how)


def test_what_is_kept_in_memory_is_loaded_once_and_too_much_of_it_is_not_kept(monkeypatch):
    features = ArrayPictures(np.arange(24.0, dtype=np.float32).reshape(6, 4), np.arange(6) % 2)
    asked, load = [], features.load
    features.load = lambda places: asked.append(len(places)) or load(places)
    kept = cache_features(features)
    assert isinstance(kept, MemoryCache)
    for places in ([0, 5, 0], [5], [1, 0]):
        assert np.array_equal(kept.load(np.array(places)), load(np.array(places)))
    assert sum(asked) == 3
    monkeypatch.setattr("kerasvgg.data.pictures.memory.KEEP_BYTES", 4 * 95)
    assert cache_features(features) is features
