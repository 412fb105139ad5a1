"""Old files, upgraded, against what the Keras that wrote them gave for the same pictures."""

import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from corpus import FACTS, architecture_of, facts, pictures_of, unpack

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.open.load import load
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.freezing import CutModel
from kerasvgg.models.upgrade import upgrade_file

REFUSED = {
    "keras122_lambda": "Lambda",
    "keras231_lambda": "Lambda",
    "tf215_custom_layer": "Halved is not a class of Keras 3",
    "tf215_lambda": "Lambda",
}
# One of each kind and generation; the others are slow together.
QUICK = {
    "keras231_vgg16_weights": ".keras",
    "tf212_small_weights": ".h5",
    "tf27_plain_ops": ".h5",
}
PLAIN_KERAS = """
import sys, warnings
warnings.simplefilter("ignore")
import numpy as np
import keras
model = keras.models.load_model(sys.argv[1])
print(type(model.optimizer).__name__, float(model.optimizer.learning_rate))
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
assert not any(name.startswith("kerasvgg") for name in sys.modules)
"""


@pytest.fixture(autouse=True, scope="module")
def _clear():
    yield
    keras.backend.clear_session()


def _cases():
    """Some files become one kind of file by default, others slowly; the rest is very slow."""
    for number, name in enumerate(name for name in FACTS if name not in REFUSED):
        first = QUICK.get(name, (".h5", ".keras")[number % 2])
        for suffix in (".h5", ".keras"):
            is_slow = suffix == first and number % 8 == 0
            mark = () if QUICK.get(name) == suffix else pytest.mark.slow if is_slow else pytest.mark.very_slow
            yield pytest.param(name, suffix, id=f"{name} to {suffix}", marks=mark)


def _difference(model, said):
    try:
        outputs = np.asarray(model.predict(pictures_of(said), verbose=0))
    except tf.errors.UnimplementedError as error:
        pytest.skip(f"TensorFlow can't compute this model on this processor: {str(error)[:200]}")
    return np.abs(outputs.reshape(len(outputs), -1)[:, :16] - said["probabilities"]).max()


@pytest.mark.parametrize(("name", "suffix"), list(_cases()))
def test_plain_keras_opens_the_new_file_and_agrees_with_the_writer(name, suffix, tmp_path):
    said, new = facts(name), tmp_path / f"new{suffix}"
    done = upgrade_file(unpack(name, tmp_path), new, architecture_of(name, tmp_path))
    model = keras.models.load_model(new)
    assert _difference(model, said) < 1e-5
    assert done.difference < 1e-5
    if said["optimizer"] and not said["weights_only"]:
        assert type(model.optimizer).__name__ == said["optimizer"] == done.optimizer
        assert float(model.optimizer.learning_rate) == pytest.approx(said["learning_rate"], rel=1e-7)
    else:
        assert not done.optimizer
    added = 9 if "vgg_ops" in name else 0  # the convolution that swaps red and blue
    assert model.count_params() == said["parameters"] + added


@pytest.mark.parametrize(("name", "reason"), list(REFUSED.items()))
def test_what_cannot_be_upgraded_says_why_and_writes_nothing(name, reason, tmp_path):
    old = unpack(name, tmp_path)
    with pytest.raises(ModelFileError, match=reason) as caught:
        upgrade_file(old, tmp_path / "new.keras")
    assert str(old) in str(caught.value)
    assert list(tmp_path.iterdir()) == [old]


@pytest.mark.slow
def test_plain_keras_in_a_process_of_its_own_agrees(tmp_path):
    said = facts("tf23_mobilenet")
    upgrade_file(unpack("tf23_mobilenet", tmp_path), tmp_path / "new.keras")
    np.save(tmp_path / "x.npy", pictures_of(said))
    command = [sys.executable, "-c", PLAIN_KERAS, "new.keras", "x.npy", "y.npy"]
    told = subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True).stdout
    assert np.abs(np.load(tmp_path / "y.npy") - said["probabilities"]).max() < 1e-5
    assert told.split() == ["Adam", str(said["learning_rate"])]


@pytest.mark.parametrize(
    ("name", "frozen"),
    [("keras216_nested_vgg16_block5", 10), pytest.param("keras208_mobilenet", None, marks=pytest.mark.slow)],
)
def test_what_was_frozen_stays_frozen(name, frozen, tmp_path):
    base = open_model(unpack(name, tmp_path)).model.layers[0]
    with_weights = [layer for layer in base.layers if layer.weights]
    counted = [layer for layer in with_weights if not layer.trainable]
    if frozen:
        assert len(counted) == frozen
    assert 0 < len(counted) < len(with_weights)
    assert counted == with_weights[: len(counted)]  # from the bottom up


@pytest.mark.slow
def test_an_old_model_can_be_cut_and_trained_on(tmp_path):
    said = facts("keras224_small_cnn")
    model = open_model(unpack("keras224_small_cnn", tmp_path)).model
    before = [np.array(weight) for weight in model.weights]
    below = keras.Model(model.inputs[0], model.get_layer("flatten_2").input)
    assert below.predict(pictures_of(said), verbose=0).shape == (4, 2, 2, 128)
    CutModel(model, []).train_only(["dense_*"])
    model.compile(loss="binary_crossentropy", optimizer=keras.optimizers.SGD(0.1))
    model.fit(pictures_of(said), np.array([[0], [1], [0], [1]]), verbose=0)
    moved = [bool(np.any(old != np.array(new))) for old, new in zip(before, model.weights, strict=True)]
    assert moved == [False] * 8 + [True] * 4


@pytest.mark.slow
def test_weights_alone_need_an_architecture(tmp_path):
    path = unpack("keras216_cats_and_dogs_small_2", tmp_path)
    with pytest.raises(ModelFileError, match="--architecture"):
        open_model(path)
    with pytest.raises(ModelFileError, match=r"vgg16, vgg19, resnet50v2.*'vgg17'"):
        load(path, "vgg17")
    with pytest.raises(ModelFileError, match="must hold"):
        load(path, str(unpack("keras231_digits", tmp_path)))


def test_the_small_cnns_weights_need_only_its_name(tmp_path):
    said = facts("keras216_cats_and_dogs_small_2")
    model = load(unpack("keras216_cats_and_dogs_small_2", tmp_path), "small_cnn").model
    outputs = keras.Model(model.inputs, model.outputs).predict(np.zeros((1, *model.input_shape[1:])), verbose=0)
    assert outputs.shape == (1, 1)
    if model.input_shape[1:] == tuple(said["shape"]):
        assert _difference(model, said) < 1e-5
    assert model.count_params() == said["parameters"]


@pytest.mark.slow
def test_an_architecture_may_be_json(tmp_path):
    whole = load(unpack("tf211_small_cnn", tmp_path)).model
    (tmp_path / "small.json").write_text(whole.to_json())
    said = facts("tf211_small_weights")
    model = load(unpack("tf211_small_weights", tmp_path), str(tmp_path / "small.json")).model
    assert _difference(model, said) < 1e-5
