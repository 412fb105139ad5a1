"""What becomes of proportions in training comes back wherever its model sees a picture."""

from pathlib import Path

import keras
import numpy as np
import pytest

import kerasvgg
from kerasvgg.cli.show.subject import open_subject
from kerasvgg.config.load import load_experiments
from kerasvgg.data.pictures.resizing import FILLING
from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.runs.prepare import prepare

OBLONG = """\
data: {dataset: pictures, split: {train: 4, validation: 2, test: 2}, image_size: [48, 48], batch_size: 8}
model: {base: small_cnn, head: {units: 8}}
train: [{epochs: 1, learning_rate: 1e-3}]
"""


@pytest.fixture
def place(class_folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    class_folders(per_class=8, size=(40, 80))
    Path("oblong.yaml").write_text(OBLONG)
    yield tmp_path
    keras.backend.clear_session()


@pytest.mark.parametrize(
    "fit",
    [
        pytest.param("pad", marks=pytest.mark.slow),
        *(pytest.param(one, marks=pytest.mark.very_slow) for one in ("squeeze", "crop")),
    ],
)
def test_a_model_is_shown_what_it_was_trained_on(place, fit):
    folder = kerasvgg.run("oblong.yaml", f"data.fit={fit}")["oblong"].folder
    _, written = read_predictions(folder.predictions)
    paths, expected = [f"pictures/{one.path}" for one in written], [one.probabilities for one in written]
    prepared = prepare(load_experiments(folder.experiment)[""])
    pixels = prepared.pictures("test").load(np.arange(len(written)))
    trained = kerasvgg.Trained.open(folder.path)
    again = {one.path: one.probabilities for one in kerasvgg.evaluate(folder.path, "pictures").predictions}
    for found in (
        [one.probabilities for one in trained.predict(paths)],
        [one.probabilities for one in trained.predict(pixels)],
        [again[one.path] for one in written],
    ):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.array_equal(trained.show(paths[0]), trained.show(pixels[0]))
    taken, seen = open_subject(folder.path).picture(Path(paths[0]))
    assert np.array_equal(taken, pixels[0])
    for shown in (pixels[0], seen.pixels, prepared.loader("test")(written[0].path)):
        edge = len(shown) // 4  # the pictures are twice as wide as high
        assert (shown[:edge] == FILLING).all() == (shown[-edge:] == FILLING).all() == (fit == "pad")
    assert trained.description.fit == kerasvgg.inspect(folder.model_h5).about["fit"] == fit
