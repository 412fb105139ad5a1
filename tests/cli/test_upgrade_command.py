"""kerasvgg upgrade, at the command line."""

import json
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from kerasvgg.__main__ import main

CONFIG = {
    "class_name": "Sequential",
    "config": [
        {"class_name": "Flatten", "config": {"name": "flatten", "batch_input_shape": [None, 4, 4, 3]}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 2, "activation": "softmax"}},
    ],
}
TRAINING = {"optimizer_config": {"class_name": "RMSprop", "config": {"lr": 2e-5}}, "loss": "mse", "metrics": ["acc"]}


@pytest.fixture
def old(tmp_path) -> Path:
    """A model as Keras 2.1 saved it."""
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        file.attrs.update(keras_version="2.1.6", model_config=json.dumps(CONFIG), training_config=json.dumps(TRAINING))
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array(["flatten", "dense"], dtype="S")
        weights.create_group("flatten").attrs["weight_names"] = np.array([], dtype="S")
        dense = weights.create_group("dense")
        dense.attrs["weight_names"] = np.array(["dense/kernel:0", "dense/bias:0"], dtype="S")
        dense["dense/kernel:0"] = np.linspace(-1, 1, 96, dtype="f4").reshape(48, 2)
        dense["dense/bias:0"] = np.array([1, 2], dtype="f4")
    return path


@pytest.fixture
def upgrade(monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr(sys, "argv", ["kerasvgg", "upgrade", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return call


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_each_change_has_a_line_and_the_new_file_is_compiled(upgrade, old, tmp_path, suffix):
    new = tmp_path / f"new.{suffix}"
    status, out, _ = upgrade(old, new)
    assert status == 0
    assert out.splitlines() == [
        "Sequential: the list of its layers becomes a configuration with a name",
        "sequential: an InputLayer says what its first layer takes, [None, 4, 4, 3]",
        "`lr` becomes `learning_rate`, 2e-05",
        f"{new}: plain Keras opens it; largest difference 0; RMSprop with learning rate 2e-05",
    ]
    model = keras.models.load_model(new)
    assert np.array_equal(model.layers[-1].bias, [1, 2])
    assert float(model.optimizer.learning_rate) == pytest.approx(2e-5)


def test_a_new_file_needs_nothing(upgrade, tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]).save(tmp_path / "a.keras")
    status, out, _ = upgrade(tmp_path / "a.keras", tmp_path / "b.h5")
    assert status == 0
    assert out.startswith("nothing had to be changed\n")
    assert out.endswith("not compiled\n")


def test_an_existing_file_is_kept_unless_forced(upgrade, old, tmp_path):
    new = tmp_path / "new.keras"
    new.write_bytes(b"mine")
    status, _, err = upgrade(old, new)
    assert (status, new.read_bytes()) == (2, b"mine")
    assert "--force" in err
    assert upgrade(old, new, "--force")[0] == 0
    assert keras.models.load_model(new)


def test_a_model_may_be_upgraded_in_place(upgrade, old):
    assert upgrade(old, old, "--force")[0] == 0
    assert keras.models.load_model(old)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nothing.h5", "new.keras"), "nothing there"),
        (("old.h5", "new.tf"), r".keras or .h5"),
        (("old.h5", "new.keras", "--architecture", "vgg16"), "weights alone"),
        (("text.h5", "new.keras"), "must be a Keras model"),
        (("code.h5", "new.keras"), "Lambda"),
    ],
)
def test_what_cannot_be_done_says_why_in_a_line(upgrade, old, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    Path("text.h5").write_text("hello")
    Path("code.h5").write_bytes(old.read_bytes())
    with h5py.File("code.h5", "r+") as file:
        file.attrs["model_config"] = json.dumps(CONFIG).replace('"Dense"', '"Lambda"')
    before = sorted(tmp_path.iterdir())
    status, out, err = upgrade(*words)
    assert (status, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
    assert sorted(tmp_path.iterdir()) == before
