import threading
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from kerasvgg.engines.choice import MEASURE_FROM
from kerasvgg.errors import DataError, ModelFileError
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.novelty import Novelty
from kerasvgg.runs.predict import AHEAD, BATCH, predict, predict_any

DESCRIPTION = Description(("dark", "middle", "bright"), (8, 8), "nearest", "unit", "tiny")


@pytest.fixture(scope="module")
def model():
    """Its probabilities tell the mean of a picture's red: (1 - red / 255, 0, red / 255)."""
    pictures = keras.Input((8, 8, 3))
    mean = keras.layers.GlobalAveragePooling2D()(pictures)
    dense = keras.layers.Dense(3)
    made = keras.Model(pictures, dense(mean))
    weights = np.zeros((3, 3), np.float32)
    weights[0] = [-1 / 255, 0, 1 / 255]
    dense.set_weights([weights, np.array([1, 0, 0], np.float32)])
    yield made
    keras.backend.clear_session()


@pytest.fixture
def pictures(tmp_path):
    """Writes 150 pictures, each with a red of its own, and returns (path, class) pairs."""
    items = []
    for red in range(150):
        Image.new("RGB", (8, 8), (red, 0, 0)).save(tmp_path / f"{red}.png")
        items.append((tmp_path / f"{red}.png", "bright" if red > 127 else "dark"))
    return items


def reds(predictions):
    return [round(one.probabilities[2] * 255) for one in predictions]


def test_every_picture_gets_its_own_prediction_in_order(model, pictures):
    found = list(predict(model, DESCRIPTION, pictures))
    assert reds(found) == list(range(150))
    assert [(one.path, one.true) for one in found] == [(str(path), label) for path, label in pictures]
    assert [one.predicted for one in found] == ["dark"] * 128 + ["bright"] * 22


def test_a_model_that_asks_for_it_sees_each_picture_mirrored_from_left_to_right_too(tmp_path):
    pixels = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(keras.layers.Rescaling(1 / 255)(pixels))
    keras.utils.set_random_seed(0)
    made = keras.Model(pixels, keras.layers.Dense(3, activation="softmax")(flat))
    image = np.random.default_rng(0).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    Image.fromarray(image).save(tmp_path / "one.png")
    Image.fromarray(np.fliplr(image)).save(tmp_path / "mirrored.png")
    both = [one.probabilities for one in predict(made, DESCRIPTION, [(path, "") for path in tmp_path.glob("*.png")])]
    (found,) = predict(made, replace(DESCRIPTION, test_time_flip=True), [(tmp_path / "one.png", "")])
    assert np.allclose(found.probabilities, np.mean(both, axis=0), atol=1e-6)
    assert np.ptp(both, axis=0).max() > 0.01


@pytest.mark.parametrize("count", [0, 1, BATCH - 1, BATCH, BATCH + 1, 2 * BATCH])
def test_any_number_of_pictures_is_predicted(model, pictures, count):
    assert reds(predict(model, DESCRIPTION, pictures[:count])) == list(range(count))


def test_what_is_no_picture_is_passed_over_and_noted(model, pictures):
    broken = [0, 31, 32, 33, 100, 149]
    for i in broken:
        pictures[i][0].write_bytes(b"no picture")
    refused = []
    found = list(predict(model, DESCRIPTION, pictures, refused))
    assert reds(found) == [i for i in range(150) if i not in broken]
    assert [one.path for one in found] == [str(pictures[i][0]) for i in reds(found)]
    assert [path for path, _ in refused] == [str(pictures[i][0]) for i in broken]
    assert all("not a picture" in reason for _, reason in refused)


def test_what_is_no_picture_ends_the_work_where_nothing_may_be_left_out(model, pictures):
    pictures[40][0].write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"40\.png"):
        list(predict(model, DESCRIPTION, pictures))


def test_only_a_bounded_number_of_pictures_is_read_ahead(model, pictures):
    taken = []
    lots = (taken.append(1) or pictures[i % 150] for i in range(100_000))
    found = predict(model, DESCRIPTION, lots)
    for _ in range(3 * BATCH):
        next(found)
    assert len(taken) <= MEASURE_FROM + 4 * BATCH + AHEAD  # of paths; pictures are not opened so far ahead
    found.close()


def test_the_next_pictures_are_decoded_while_the_model_computes(model, pictures, monkeypatch):
    decoded = threading.Event()

    def decode(path, *_):
        if path == pictures[BATCH + 5][0]:
            decoded.set()
        return np.zeros((8, 8, 3), np.uint8)

    monkeypatch.setattr("kerasvgg.runs.predict.decode", decode)
    found = predict(model, DESCRIPTION, pictures)
    next(found)
    assert decoded.wait(5)
    found.close()


@pytest.fixture(scope="module")
def headed():
    """Two sigmoid classes on the means of a picture's channels, which are the three features."""
    pixels = keras.Input((8, 8, 3))
    means = keras.layers.GlobalAveragePooling2D()(keras.layers.Rescaling(1 / 255)(pixels))
    yield keras.Model(pixels, keras.layers.Dense(1, activation="sigmoid", name="head_output")(means))
    keras.backend.clear_session()


NOVELTY = Novelty.of(np.full(3, 0.5), np.array([0.01]), np.array([[1.0, 0, 0]]), 0.04, threshold=2.0)
KNOWING = replace(DESCRIPTION, class_names=("dark", "bright"), novelty=NOVELTY)


def test_with_unknown_each_picture_has_its_distance_and_the_probabilities_are_the_same(headed):
    images = np.random.default_rng(0).integers(0, 255, (BATCH + 3, 8, 8, 3)).astype(np.uint8)
    images[0] = (0, 128, 128)
    images[1] = (128, 128, 128)
    away = images.mean(axis=(1, 2)) / 255 - 0.5
    expected = np.sqrt(away[:, 0] ** 2 / 0.01 + (away[:, 1] ** 2 + away[:, 2] ** 2) / 0.04) / 2
    plain, told = predict_any(headed, KNOWING, images), predict_any(headed, KNOWING, images, unknown=True)
    assert [one.distance for one in told] == pytest.approx(expected, abs=1e-4)
    assert [one.is_unknown for one in told[:2]] == [True, False]
    assert [replace(one, distance=None) for one in told] == plain
    assert not any(one.is_unknown for one in plain)


@pytest.mark.parametrize(
    ("name", "features", "novelty", "told"),
    [
        ("head_output", 3, None, "what its training pictures look like"),
        ("other", 3, NOVELTY, "must have a layer `head_output` of 3 numbers, received none"),
        ("head_output", 4, NOVELTY, r"of 3 numbers, received \(None, 4\)"),
    ],
)
def test_a_model_that_can_not_tell_what_is_unknown_says_so_before_it_sees_a_picture(name, features, novelty, told):
    pixels = keras.Input((8, 8, 3))
    means = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(features, 1)(pixels))
    made = keras.Model(pixels, keras.layers.Dense(2, name=name)(means))
    with pytest.raises(ModelFileError, match=told):
        predict(made, replace(KNOWING, novelty=novelty), [], unknown=True)
    keras.backend.clear_session()


def test_a_head_that_takes_two_things_tells_nothing(headed):
    pixels = keras.Input((8, 8, 3))
    flat = keras.layers.Flatten()(pixels)
    made = keras.Model(pixels, keras.layers.Add(name="head_output")([flat, flat]))
    with pytest.raises(ModelFileError, match="of 3 numbers, received several"):
        predict(made, KNOWING, [], unknown=True)
