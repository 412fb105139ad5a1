import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.backbones.local_response import LocalResponseNormalization
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.inspect import inspect
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.modelfile.safety.verdict import REFUSE, SAFE, UNREADABLE
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model

DESCRIPTION = Description(("cat", "dog", "owl"), (32, 32), "nearest", "vgg", "vgg11_lrn")
IMPORTED = "import sys, keras, kerasvgg.backbones.local_response\nkeras.models.load_model(sys.argv[1])"


@pytest.fixture(scope="module")
def model():
    yield build_classifier("vgg11_lrn", (32, 32), 3, kind="vgg")
    keras.backend.clear_session()


def small() -> keras.Model:
    layers = [keras.Input((4, 4, 3)), LocalResponseNormalization(name="lrn"), keras.layers.Flatten(name="flat")]
    return keras.Sequential([*layers, keras.layers.Dense(2, name="dense")])


def by_hand(x: np.ndarray, n: int, k: float, alpha: float, beta: float) -> np.ndarray:
    """The formula of Krizhevsky et al. 2012, section 3.3, number by number."""
    out = np.empty_like(x, dtype=np.float64)
    last = x.shape[-1] - 1
    for *place, i in np.ndindex(x.shape):
        near = [float(x[(*place, j)]) ** 2 for j in range(max(0, i - n // 2), min(last, i + n // 2) + 1)]
        out[(*place, i)] = x[(*place, i)] / (k + alpha * sum(near)) ** beta
    return out


@pytest.mark.parametrize("settings", [(5, 2.0, 1e-4, 0.75), (3, 1.0, 0.5, 0.5), (99, 2.0, 1e-2, 1.0)])
def test_it_is_the_papers_formula(settings):
    x = np.random.default_rng(0).normal(0, 100, (1, 2, 3, 8)).astype(np.float32)
    layer = LocalResponseNormalization(*settings)
    assert np.allclose(layer(x), by_hand(x, *settings), rtol=1e-5)


def test_without_settings_it_has_the_papers():
    config = LocalResponseNormalization().get_config()
    assert {name: config[name] for name in ("n", "k", "alpha", "beta")} == {"n": 5, "k": 2, "alpha": 1e-4, "beta": 0.75}


def test_its_gradient_is_the_difference_quotient():
    import tensorflow as tf

    layer, step = LocalResponseNormalization(alpha=0.1), 1e-2
    x = np.random.default_rng(0).normal(0, 2, (1, 1, 1, 6)).astype(np.float32)
    with tf.GradientTape() as tape:
        tensor = tf.convert_to_tensor(x)
        tape.watch(tensor)
        total = tf.reduce_sum(layer(tensor) ** 2)
    steps = step * np.eye(6, dtype=np.float32).reshape(6, 1, 1, 1, 6)
    slopes = [(np.sum(layer(x + one) ** 2) - np.sum(layer(x - one) ** 2)) / (2 * step) for one in steps]
    assert np.allclose(tape.gradient(total, tensor).numpy().ravel(), slopes, rtol=1e-2, atol=1e-2)


@pytest.mark.sampled(slow=2)
@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_a_model_with_it_is_saved_inspected_and_opened(model, tmp_path, suffix):
    path = tmp_path / f"model.{suffix}"
    save_model(model, path, DESCRIPTION)
    facts = inspect(path)
    assert facts.verdict == SAFE
    assert "import kerasvgg.backbones.local_response" in " ".join(facts.reasons)
    assert facts.network.vgg == "A-LRN"
    assert facts.parameters == model.count_params()
    (found,) = (layer for layer in facts.layers if layer.name == "block1_lrn")
    assert (found.output_shape, found.parameters) == ((None, 32, 32, 64), 0)
    pictures = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    assert np.abs(open_model(path).model(pictures) - model(pictures)).max() < 1e-6


def test_a_file_from_when_the_layer_was_elsewhere_is_read_as_before(tmp_path):
    path = tmp_path / "model.keras"
    small().save(path)
    assert _changed(path, "kerasvgg.backbones.local_response", "kerasvgg.models.local_response")
    assert inspect(path).verdict == SAFE
    pictures = np.random.default_rng(0).uniform(0, 255, (2, *small().input_shape[1:])).astype(np.float32)
    assert open_model(path).model(pictures).shape == small()(pictures).shape


@pytest.mark.slow
def test_keras_opens_its_files_once_the_layer_is_imported(tmp_path):
    paths = [tmp_path / "model.keras", tmp_path / "model.h5"]
    for path in paths:
        save_model(small(), path, None)
    subprocess.run([sys.executable, "-c", IMPORTED, *paths], check=True, capture_output=True)


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize(
    ("suffix", "said", "instead"),
    [
        ("keras", "kerasvgg>LocalResponseNormalization", "kerasvgh>LocalResponseNormalization"),
        ("keras", "kerasvgg>LocalResponseNormalization", "kerasvgg>LocalResponseNormalizatiom"),
        ("keras", "kerasvgg.backbones.local_response", "kerasvgg.backbones.local_responsf"),
        ("h5", "kerasvgg>LocalResponseNormalization", "kerasvgh>LocalResponseNormalization"),
        ("h5", "kerasvgg>LocalResponseNormalization", "kerasvgg>LocalResponseNormalizatiom"),
    ],
)
def test_no_other_class_of_that_package_is_let_in(tmp_path, suffix, said, instead):
    path = tmp_path / f"model.{suffix}"
    small().save(path)
    assert _changed(path, said, instead)
    assert inspect(path).verdict == REFUSE
    with pytest.raises(ModelFileError, match="author's code"):
        open_model(path)


def test_settings_that_it_can_not_have_are_damage(tmp_path):
    path = tmp_path / "model.keras"
    small().save(path)
    assert _changed(path, '"n": 5', '"n": 0')
    facts = inspect(path)
    assert facts.verdict == UNREADABLE
    assert "`n` must be a whole number above 0" in " ".join(facts.reasons)


def _changed(path: Path, said: str, instead: str) -> bool:
    """Writes other words of the same length into the configuration; tells whether there was anything to write over."""
    import zipfile

    import h5py

    if path.suffix == ".h5":
        with h5py.File(path, "a") as file:
            text = file.attrs["model_config"]
            file.attrs["model_config"] = text.replace(said, instead)
        return said in text
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    text = members["config.json"].decode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, text.replace(said, instead) if name == "config.json" else content)
    return said in text
