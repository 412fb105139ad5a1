import itertools

import numpy as np
import pytest

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.memory import cache_pixels
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import ArrayPictures, FilePictures
from kerasvgg.data.pipeline import ordered_batches, training_batches
from kerasvgg.errors import DataError
from kerasvgg.files.hashing import content_hash
from kerasvgg.training.member import Member

N = 10


@pytest.fixture
def numbered():
    """Pictures whose pixels say which one it is."""
    images = np.broadcast_to(np.arange(N, dtype=np.uint8)[:, None, None, None], (N, 8, 8, 3))
    return ArrayPictures(images, np.arange(N) % 2)


def _copies(count):
    images = np.broadcast_to(np.arange(count * N, dtype=np.uint8)[:, None, None, None], (count * N, 8, 8, 3))
    return ArrayPictures(images, np.arange(count * N) % 2)


def _files(paths, labels, size):
    return FilePictures(paths, labels, [content_hash(path) for path in paths], Resizing(size))


def _epochs(dataset, steps, count):
    batches = [x.numpy()[:, 0, 0, 0].astype(int) for x, _ in itertools.islice(dataset, steps * count)]
    return [batches[i * steps : (i + 1) * steps] for i in range(count)]


def test_an_epoch_without_steps_passes_once_over_all_pictures(numbered):
    for epoch in _epochs(training_batches(numbered, 4), 3, 3):
        assert [len(batch) for batch in epoch] == [4, 4, 2]
        assert sorted(np.concatenate(epoch)) == list(range(N))


@pytest.mark.parametrize("steps", [1, 2, 3, 5, 9])
def test_an_epoch_with_steps_has_so_many_full_batches(numbered, steps):
    for epoch in _epochs(training_batches(numbered, 4, steps), steps, 3):
        assert [len(batch) for batch in epoch] == [4] * steps
        seen = np.bincount(np.concatenate(epoch), minlength=N)
        assert seen.max() - seen.min() <= 1


def test_epochs_differ_in_order_and_follow_from_the_seed(numbered):
    first, again = (_epochs(training_batches(numbered, N, seed=1), 1, 3) for _ in range(2))
    other = _epochs(training_batches(numbered, N, seed=2), 1, 3)
    orders = [tuple(epoch[0]) for epoch in first]
    assert len(set(orders)) == 3
    assert orders == [tuple(epoch[0]) for epoch in again] != [tuple(epoch[0]) for epoch in other]


def test_a_later_first_epoch_continues_the_same_stream(numbered):
    augmentation = Augmentation(rotation_range=90, width_shift_range=0.3)
    whole = training_batches(numbered, 4, 3, seed=1, augmentation=augmentation)
    later = training_batches(numbered, 4, 3, seed=1, first_epoch=2, augmentation=augmentation)
    expected = [x.numpy() for x, _ in itertools.islice(whole, 9)][6:]
    found = [x.numpy() for x, _ in itertools.islice(later, 3)]
    assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


def test_augmented_epochs_differ_in_pictures():
    pictures = ArrayPictures(np.random.default_rng(0).integers(0, 255, (1, 8, 8, 3)), np.array([0]))
    dataset = training_batches(pictures, 1, augmentation=Augmentation(rotation_range=90))
    first, second = (x.numpy() for x, _ in itertools.islice(dataset, 2))
    assert np.abs(first - second).max() > 1


def test_labels_stay_with_their_pictures(numbered):
    for x, y in itertools.islice(training_batches(numbered, 4), 6):
        assert np.array_equal(x.numpy()[:, 0, 0, 0] % 2, y.numpy())


def test_ordered_batches_keep_the_order_and_pass_once(numbered):
    batches = [x.numpy()[:, 0, 0, 0].astype(int).tolist() for x, _ in ordered_batches(numbered, 4)]
    assert batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_ordered_batches_have_the_asked_number(numbered, steps):
    batches = [x.numpy()[:, 0, 0, 0].astype(int) for x, _ in ordered_batches(numbered, 4, steps)]
    assert np.array_equal(np.concatenate(batches), np.arange(steps * 4) % N)
    assert int(ordered_batches(numbered, 4, steps).cardinality()) == steps


def test_pixels_arrive_as_floats_from_0_to_255(class_folders):
    root = class_folders(per_class=2)
    paths = sorted(root.rglob("*.png"))
    x, _ = next(iter(ordered_batches(_files(paths, [0, 0, 1, 1], (48, 52)), 4)))
    assert x.dtype.name == "float32"
    assert x.shape == (4, 48, 52, 3)
    assert x.numpy().max() > 200


def test_pictures_kept_in_memory_are_the_same_and_decoded_once(class_folders):
    paths = sorted(class_folders(per_class=3).rglob("*.png"))
    fresh = _files(paths, [0] * 6, (20, 20))
    in_memory = cache_pixels(fresh)
    orders = [np.array([4, 1, 1]), np.arange(6)]
    expected = [fresh.load(order) for order in orders]
    found = [in_memory.load(order) for order in orders]
    for path in paths:
        path.unlink()
    found += [in_memory.load(order) for order in orders]
    assert all(np.array_equal(a, b) for a, b in zip(expected * 2, found, strict=True))
    assert in_memory.keys == fresh.keys


def test_too_many_pictures_are_not_kept(class_folders, monkeypatch):
    monkeypatch.setattr("kerasvgg.data.pictures.memory.KEEP_BYTES", 6 * 20 * 20 * 3 - 1)
    fresh = _files(sorted(class_folders(per_class=3).rglob("*.png")), [0] * 6, (20, 20))
    assert cache_pixels(fresh) is fresh


def test_a_picture_that_has_changed_is_named(class_folders):
    paths = sorted(class_folders(per_class=1).rglob("*.png"))
    pictures = _files(paths, [0, 1], (20, 20))
    paths[0].write_bytes(paths[1].read_bytes())
    with pytest.raises(DataError, match=f"{paths[0]}: its content has changed"):
        pictures.load(np.array([0, 1]))


def test_copies_take_turns_epoch_by_epoch():
    for epoch, batches in enumerate(_epochs(training_batches(_copies(2), 4, copies=2), 3, 5)):
        assert sorted(np.concatenate(batches)) == [i + N * (epoch % 2) for i in range(N)]


def test_copies_take_turns_pass_by_pass_when_an_epoch_has_several():
    for epoch, batches in enumerate(_epochs(training_batches(_copies(3), N, 2, copies=3), 2, 3)):
        assert [set(batch // N) for batch in batches] == [{2 * epoch % 3}, {(2 * epoch + 1) % 3}]


def test_a_picture_that_went_missing_is_named(class_folders):
    paths = sorted(class_folders(per_class=1).rglob("*.png"))
    pictures = _files(paths, [0, 1], (20, 20))
    paths[1].unlink()
    with pytest.raises(DataError, match=str(paths[1])):
        pictures.load(np.array([0, 1]))


def test_a_tf_data_dataset_is_read_once_and_an_endless_one_is_refused(numbered):
    dataset = ordered_batches(numbered, 4)
    read = ArrayPictures.of(dataset)
    assert np.array_equal(read.load(np.arange(N)), numbered.load(np.arange(N)))
    assert np.array_equal(read.labels, numbered.labels)
    with pytest.raises(DataError, match="must be finite"):
        ArrayPictures.of(dataset.repeat())


def test_images_and_labels_of_different_length_are_refused():
    with pytest.raises(DataError, match="received 2 and 3"):
        ArrayPictures(np.zeros((2, 8, 8, 3)), np.zeros(3))


@pytest.mark.parametrize("augmented", [False, True])
def test_the_shares_of_several_processes_are_what_one_has_together(augmented):
    augmentation = Augmentation(rotation_range=30, horizontal_flip=True) if augmented else None
    images = np.random.default_rng(0).integers(0, 256, (13, 8, 8, 3), dtype=np.uint8)
    pictures, members = ArrayPictures(images, np.arange(13) % 2), [Member(place, 3) for place in range(3)]
    how = {"seed": 4, "first_epoch": 2, "augmentation": augmentation}
    whole = list(training_batches(pictures, 4, **how).take(8).as_numpy_iterator())  # two epochs; 4, 4, 4 and 1 of each
    shares = [
        list(training_batches(pictures, 4, share=one.share, **how).take(8).as_numpy_iterator()) for one in members
    ]
    for (x, y), *parts in zip(whole, *shares, strict=True):
        counts = [one.before(len(y), one.place + 1) - one.before(len(y), one.place) for one in members]
        assert sum(counts) == len(y)
        np.testing.assert_array_equal(np.concatenate([part[:n] for (part, _), n in zip(parts, counts, strict=True)]), x)
        np.testing.assert_array_equal(np.concatenate([of[:n] for (_, of), n in zip(parts, counts, strict=True)]), y)
        assert all(len(part) == max(n, 1) for (part, _), n in zip(parts, counts, strict=True))  # none is empty
    held_out = [list(ordered_batches(pictures, 4, share=one.share).as_numpy_iterator()) for one in members]
    for number, (x, _) in enumerate(ordered_batches(pictures, 4).as_numpy_iterator()):
        np.testing.assert_array_equal(np.concatenate([one[number][0] for one in held_out])[: len(x)], x)
