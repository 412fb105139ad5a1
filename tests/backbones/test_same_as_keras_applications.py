import importlib

import keras
import numpy as np
import pytest
from random_backbones import APPLICATIONS, EVERY, PREPROCESS, WITHOUT_WEIGHTS, ours, pictures, randomize, theirs, write

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.backbones.weights.official import layout_of, read_official_weights

ODD, EVEN = (75, 97), (64, 64)
TABLES = {  # where keras.applications has its checksums, and under which names; DenseNet has no such table
    "resnet50v2": ("resnet", "BASE_WEIGHTS_PATH", "resnet50v2"),
    "mobilenetv3_large": ("mobilenet_v3", "BASE_WEIGHT_PATH", "large_224_1.0_float"),
    "efficientnetv2_b0": ("efficientnet_v2", "BASE_WEIGHTS_PATH", "b0"),
    "efficientnetv2_b1": ("efficientnet_v2", "BASE_WEIGHTS_PATH", "b1"),
    "efficientnetv2_b2": ("efficientnet_v2", "BASE_WEIGHTS_PATH", "b2"),
    "efficientnetv2_b3": ("efficientnet_v2", "BASE_WEIGHTS_PATH", "b3"),
    "convnext_tiny": ("convnext", "BASE_WEIGHTS_PATH", "convnext_tiny"),
}


@pytest.fixture
def _clear():
    yield
    keras.backend.clear_session()


def _difference(name, size, folder) -> float:
    """Returns the largest difference of features, by the largest of them."""
    backbone, model, made = BACKBONES[name], theirs(name, size), ours(BACKBONES[name], size)
    own = _same_layers(name, model, made)
    randomize(model)
    weights = read_official_weights(write(model, folder / "weights.h5"), layout_of(own))
    for layer, arrays in weights.items():
        made.get_layer(layer).set_weights(arrays)
    images = pictures(size)
    expected = np.asarray(model(PREPROCESS.get(name, np.array)(images.copy()), training=False))
    found = np.asarray(made(images, training=False))
    assert found.shape[1:] == (backbone.side(size[0]), backbone.side(size[1]), backbone.channels)
    assert np.ptp(expected, axis=0).max() > 1e-2 * np.abs(expected).max()  # what is compared depends on the picture
    return np.abs(found - expected).max() / np.abs(expected).max()


def _same_layers(name, model, made) -> list:
    """Returns the layers of the backbone, which have the names, settings and parameters of keras.applications'."""
    own = [layer for layer in made.layers if layer.name not in ("pictures", "preprocessing")]
    assert sum(layer.count_params() for layer in own) == model.count_params()  # their Normalization has none
    flat = [one for layer in model.layers for one in getattr(layer, "layers", [layer])]
    names, expected = ([layer.name for layer in layers if layer.weights] for layers in (own, flat))
    if name == "convnext_tiny":  # their last layer has no name of its own
        assert names.pop() == "convnext_tiny_layernorm"
        assert expected.pop().startswith("layer_normalization")
    assert names == expected
    same = {(layer.name, type(layer)): _settings(layer) for layer in flat}
    compared = [(_settings(layer), same[layer.name, type(layer)]) for layer in own if (layer.name, type(layer)) in same]
    assert len(compared) > len(own) / 2
    assert all(mine == keras_own for mine, keras_own in compared)
    return own


def _settings(layer) -> dict:
    return {key: setting for key, setting in layer.get_config().items() if key != "axis"}  # 3 is as good as -1


@pytest.mark.sampled(slow=4)
@pytest.mark.usefixtures("_clear")
@pytest.mark.parametrize("name", EVERY)
def test_layers_and_features_are_keras_applications_with_its_weights_and_preprocessing(name, tmp_path):
    assert _difference(name, ODD, tmp_path) < 1e-4


@pytest.mark.usefixtures("_clear")
@pytest.mark.parametrize(("name", "size"), list(zip(WITHOUT_WEIGHTS, (ODD, EVEN), strict=True)))
def test_a_students_layers_and_features_are_keras_applications(name, size, tmp_path):
    assert _difference(name, size, tmp_path) < 1e-4


@pytest.mark.sampled(slow=4)
@pytest.mark.usefixtures("_clear")
@pytest.mark.parametrize("name", APPLICATIONS)
def test_features_are_keras_applications_at_an_even_size(name, tmp_path):
    assert _difference(name, EVEN, tmp_path) < 1e-4


@pytest.mark.parametrize("name", TABLES)
def test_the_official_checksum_is_keras_applications(name):
    module, address, key = TABLES[name]
    source, file = importlib.import_module(f"keras.src.applications.{module}"), BACKBONES[name].file
    assert file.checksum == source.WEIGHTS_HASHES[key][1]
    assert len(file.checksum) == {"md5": 32, "sha256": 64}[file.algorithm]
    assert file.url == getattr(source, address) + file.name


@pytest.mark.sampled(slow=4)
@pytest.mark.parametrize("name", APPLICATIONS)
def test_the_official_file_is_the_one_that_keras_asks_for(name, monkeypatch):
    class AskedError(Exception):
        pass

    def get_file(fname, origin, file_hash, **_):
        raise AskedError(fname, origin, file_hash)

    monkeypatch.setattr("keras.src.utils.file_utils.get_file", get_file)
    with pytest.raises(AskedError) as caught:
        APPLICATIONS[name](weights="imagenet", include_top=False, input_shape=(224, 224, 3))
    file = BACKBONES[name].file
    assert caught.value.args == (file.name, file.url, file.checksum)
