import json
import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model
from kerasvgg.training.loop import compile_classifier
from kerasvgg.training.phase import Phase

DESCRIPTION = Description(
    ("no", "Ümlaut 猫"), (48, 48), "nearest", "vgg", "vgg16", "seed: 0\n" * 10_000, "0.1.0", fit="pad"
)

PLAIN_KERAS = """
import sys
import numpy as np
import keras
model = keras.models.load_model(sys.argv[1])
np.save(sys.argv[3], model.predict(np.load(sys.argv[2]), verbose=0))
assert not any(name.startswith("kerasvgg") for name in sys.modules)
"""


@pytest.fixture
def model():
    made = build_classifier("vgg16", (48, 48), 2, kind="vgg", units=(16,), dropout=0.5)
    compile_classifier(made, Phase(epochs=1, learning_rate=1e-4))
    yield made
    keras.backend.clear_session()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["h5", pytest.param("keras", marks=pytest.mark.very_slow)])
def test_plain_keras_in_a_fresh_process_gives_the_same_probabilities(model, tmp_path, suffix):
    path = tmp_path / f"model.{suffix}"
    save_model(model, path, DESCRIPTION)
    pictures = np.random.default_rng(0).integers(0, 256, (8, 48, 48, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", pictures)
    command = [sys.executable, "-c", PLAIN_KERAS, path, tmp_path / "x.npy", tmp_path / "y.npy"]
    subprocess.run(command, check=True, cwd=tmp_path, capture_output=True)
    assert np.abs(np.load(tmp_path / "y.npy") - model.predict(pictures, verbose=0)).max() < 1e-5


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_a_saved_model_describes_itself(model, tmp_path, suffix):
    path = tmp_path / f"model.{suffix}"
    save_model(model, path, DESCRIPTION)
    assert replace(read_description(path), weights_sha256="") == DESCRIPTION
    opened = open_model(path)
    assert replace(opened.description, weights_sha256="") == DESCRIPTION
    assert [layer.name for layer in opened.model.layers] == [layer.name for layer in model.layers]
    assert not opened.model.get_layer("preprocessing").trainable
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


def test_a_model_from_elsewhere_opens_without_a_description(tmp_path):
    keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]).save(tmp_path / "a.keras")
    assert open_model(tmp_path / "a.keras").description is None


@pytest.mark.parametrize("content", [None, b"", b"not a model", b"PK\x03\x04 broken", b"\x89HDF\r\n\x1a\n broken"])
def test_what_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "model.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"model\.keras"):
        open_model(path)


def test_a_lambda_layer_is_not_run(tmp_path):
    path = tmp_path / "evil.keras"
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x)]).save(path)
    with pytest.raises(ModelFileError, match="evil"):
        open_model(path)


def test_a_damaged_description_is_named(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["kerasvgg"] = json.dumps({"class_names": 5})
    with pytest.raises(ModelFileError, match="damaged"):
        read_description(tmp_path / "a.h5")


@pytest.mark.slow
@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_weights_that_were_changed_or_damaged_are_refused(model, tmp_path, suffix):
    path, other = tmp_path / f"model.{suffix}", tmp_path / f"other.{suffix}"
    save_model(model, path, DESCRIPTION)
    kernel = np.array(model.layers[-1].kernel)
    content = path.read_bytes()
    assert content.count(kernel.tobytes()) == 1
    other.write_bytes(content.replace(kernel.tobytes(), (-kernel).tobytes()))
    assert open_model(path).description
    with pytest.raises(ModelFileError, match=rf"other\.{suffix}"):
        open_model(other)
