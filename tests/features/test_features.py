import numpy as np
import pytest

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.augmentation.views import AugmentedPictures
from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.features.features import Features

N = 70


@pytest.fixture
def pictures():
    images = np.random.default_rng(0).integers(0, 255, (N, 4, 5)).astype(np.uint8)
    return ArrayPictures(images, np.arange(N) % 3)


class _Halving:
    """A trunk that halves pixels, and remembers what it was asked for."""

    def __init__(self, pictures):
        self.pictures, self.asked = pictures, []

    def __call__(self, batches):
        for places in batches:
            self.asked += places
            yield places, self.pictures.load(np.array(places)) / np.float32(2)


def _features(store, pictures):
    halving = _Halving(pictures)
    return Features(pictures, store, halving, "test"), halving.asked


def test_every_picture_is_computed_once_ever(open_store, pictures):
    features, asked = _features(open_store(), pictures)
    assert sorted(asked) == list(range(N))
    assert np.array_equal(features.load(np.arange(N)[::-1]), pictures.load(np.arange(N)[::-1]) / 2)
    assert features.computed == N
    _, asked = _features(open_store(), pictures)
    assert asked == []


def test_adding_ten_pictures_computes_ten_and_another_order_none(open_store, pictures):
    first = ArrayPictures(pictures.load(np.arange(N - 10)), pictures.labels[: N - 10])
    _features(open_store(), first)
    features, asked = _features(open_store(), pictures)
    assert sorted(asked) == list(range(N - 10, N))
    order = np.random.default_rng(1).permutation(N)
    shuffled = ArrayPictures(pictures.load(order), pictures.labels[order])
    features, asked = _features(open_store(), shuffled)
    assert asked == []
    assert np.array_equal(features.load(np.arange(N)), shuffled.load(np.arange(N)) / 2)
    assert np.array_equal(features.labels, shuffled.labels)


def test_the_same_content_twice_is_computed_once(open_store, pictures):
    twice = ArrayPictures(np.repeat(pictures.load(np.arange(5)), 2, axis=0), np.arange(10) % 2)
    features, asked = _features(open_store(), twice)
    assert len(asked) == 5
    assert np.array_equal(features.load(np.arange(10)), twice.load(np.arange(10)) / 2)


def test_what_is_cleared_during_a_run_is_computed_again(open_store, pictures):
    store = open_store()
    features, asked = _features(store, pictures)
    store.clear()
    assert np.array_equal(features.load(np.array([3, 1])), pictures.load(np.array([3, 1])) / 2)
    assert sorted(asked[N:]) == [1, 3]


def test_what_another_run_has_written_meanwhile_is_not_computed_again(open_store, pictures):
    store, other = open_store(), open_store()
    asked = []

    def compute(batches):
        for i, places in enumerate(batches):
            if i == 0:  # the other run does all that is left
                _features(other, pictures)
            asked.extend(places)
            yield places, pictures.load(np.array(places)) / np.float32(2)

    features = Features(pictures, store, compute, "test")
    assert len(asked) == 32 or len(asked) == N % 32
    assert np.array_equal(features.load(np.arange(N)), pictures.load(np.arange(N)) / 2)


def test_augmented_views_follow_from_seed_copy_and_content():
    images = np.random.default_rng(0).integers(0, 255, (6, 20, 20, 3)).astype(np.uint8)
    augmentation = Augmentation(rotation_range=90, horizontal_flip=True)
    views = AugmentedPictures(ArrayPictures(images, np.arange(6)), augmentation, 3, seed=1)
    assert len(views) == len(set(views.keys)) == 18
    assert np.array_equal(views.labels, np.tile(np.arange(6), 3))
    loaded = views.load(np.arange(18))
    assert len(np.unique(loaded.reshape(18, -1), axis=0)) == 18

    order = np.array([4, 2, 0])
    fewer = AugmentedPictures(ArrayPictures(images[order], order), augmentation, 3, seed=1)
    places = np.concatenate([order + 6 * copy for copy in range(3)])
    assert fewer.keys == tuple(views.keys[place] for place in places)
    assert np.array_equal(fewer.load(np.arange(9)), loaded[places])

    other = AugmentedPictures(ArrayPictures(images, np.arange(6)), augmentation, 3, seed=2)
    assert not set(other.keys) & set(views.keys)
    assert not np.array_equal(other.load(np.arange(18)), loaded)
