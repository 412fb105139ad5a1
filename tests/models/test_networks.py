import re
from pathlib import Path

import keras
import numpy as np
import pytest

from kerasvgg.backbones.style import Style
from kerasvgg.backbones.vgg import COLUMNS
from kerasvgg.errors import ConfigError
from kerasvgg.modelfile.open.load import without_variables
from kerasvgg.models.build import build_network, build_vgg
from kerasvgg.models.networks import NETWORKS, network

PAGE = Path(__file__).parents[2] / "docs" / "networks.md"
COUNTS = {
    "A": 132_863_336,
    "A-LRN": 132_863_336,
    "B": 133_047_848,
    "C": 133_638_952,
    "D": 138_357_544,
    "E": 143_667_240,
    "vgg_blog": 133_648_962,
    "small_cnn": 3_453_121,
    "mnist_cnn": 93_322,
    "gender_cnn": 5_595_042,
    "expression_cnn": 103_135_367,
}
TABLE_1 = {"A": 11, "A-LRN": 11, "B": 13, "C": 16, "D": 16, "E": 19}  # layers with weights


@pytest.fixture(autouse=True, scope="module")
def _clear():
    yield
    keras.backend.clear_session()


def described(name: str) -> keras.Model:
    one = network(name)
    with without_variables():
        return build_network(
            one.base, one.image_size, one.classes, channels=one.channels, units=one.units, dropout=one.dropout
        )


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_every_network_has_as_many_parameters_as_its_source_says(name, count):
    one = network(name)
    assert described(name).count_params() == count == one.parameters
    assert one.claimed is None or round(count / one.rounded_to) * one.rounded_to == one.claimed


def test_all_networks_are_counted():
    assert COUNTS.keys() == NETWORKS.keys()


def test_the_page_of_the_networks_has_the_same_counts():
    rows = [re.split(r"\s*\|\s*", line.strip("| ")) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    found = {
        row[0].strip("`"): (row[1].strip("`"), row[4]) for row in rows if row[0].strip("`") in NETWORKS and row[5:]
    }
    assert found == {name: (one.base, f"{one.parameters:,}") for name, one in NETWORKS.items()}


@pytest.mark.parametrize(("letter", "count"), TABLE_1.items())
def test_a_column_has_as_many_layers_with_weights_as_the_paper_says(letter, count):
    model = described(letter)
    assert sum(bool(layer.weights) for layer in model.layers) == count
    assert network(COLUMNS[letter]) is network(letter)


def test_column_c_has_its_1x1_convolutions_third():
    kernels = {
        layer.name: layer.kernel.shape
        for layer in described("C").layers
        if layer.name.startswith("block") and "conv" in layer.name
    }
    assert {name for name, shape in kernels.items() if shape[:2] == (1, 1)} == {
        "block3_conv3", "block4_conv3", "block5_conv3"
    }  # fmt: skip


def test_the_columns_halve_the_picture_five_times():
    shapes = [layer.output.shape[1:] for layer in described("A").layers if layer.name.endswith("pool")]
    assert shapes == [(112, 112, 64), (56, 56, 128), (28, 28, 256), (14, 14, 512), (7, 7, 512)]


def test_the_blogs_network_draws_its_first_blocks_uniformly_and_the_rest_as_keras_does():
    model = build_vgg("C", (32, 32), 10, units=(8, 8, 8), dropout=(0.5, 0.5, 0), initialization="vgg_blog", top=True)
    for layer in model.layers:
        if not layer.weights:
            continue
        kernel, bias = (weight.numpy() for weight in layer.weights)
        early = layer.name.startswith(("block1", "block2"))
        assert type(layer.kernel_initializer).__name__ == ("RandomUniform" if early else "GlorotUniform")
        assert not bias.any()
        if early:
            assert 0.045 < np.abs(kernel).max() <= 0.05
    assert [layer.name for layer in model.layers[-6:]] == [
        "fc1", "fc1_dropout", "fc2", "fc2_dropout", "fc3", "predictions"
    ]  # fmt: skip


def test_the_gender_networks_weights_are_drawn_as_its_source_draws_them():
    one = network("gender_cnn")
    style = Style(initialization=one.initialization)
    model = build_network(one.base, one.image_size, one.classes, units=one.units, style=style)
    for layer in model.layers:
        if layer.weights:
            kernel, bias = (weight.numpy() for weight in layer.weights)
            assert 0.4 < bias.std() < 1.8
            if kernel.ndim == 4:
                assert np.abs(kernel).max() <= 0.2
                assert 0.07 < kernel.std() < 0.1  # 0.1 before what is beyond 0.2 is drawn again
            else:
                bound = 6 / sum(kernel.shape)
                assert 0.95 * bound < np.abs(kernel).max() <= bound


def test_weights_before_relu_have_hes_variance():
    model = build_vgg("A", (32, 32), top=False, initialization="he_normal")
    kernel = model.get_layer("block3_conv2").kernel.numpy()
    assert abs(kernel.std() / np.sqrt(2 / (9 * 256)) - 1) < 0.01


@pytest.mark.parametrize("column", ["vgg16", "vgg19"])
def test_vgg_is_keras_applications_layer_by_layer_with_its_top(column):
    with without_variables():
        theirs = getattr(keras.applications, column.upper())(weights=None)
        ours = build_vgg(column, dropout=0)
        assert len(ours.layers) == len(theirs.layers)
        for mine, layer in zip(ours.layers[1:], theirs.layers[1:], strict=True):
            assert type(mine) is type(layer)
            assert mine.get_config() == layer.get_config()
            assert mine.output.shape == layer.output.shape
            assert [weight.shape for weight in mine.weights] == [weight.shape for weight in layer.weights]


@pytest.mark.parametrize("column", ["vgg16", "vgg19"])
def test_with_keras_applications_weights_vgg_gives_its_output(column, tmp_path):
    theirs = getattr(keras.applications, column.upper())(weights=None, include_top=False, input_shape=(48, 40, 3))
    theirs.save_weights(tmp_path / "a.weights.h5")
    ours = build_vgg(column, (48, 40), top=False, seed=1)
    ours.load_weights(tmp_path / "a.weights.h5")
    assert _difference(ours, theirs, (48, 40)) < 1e-5


@pytest.mark.very_slow
@pytest.mark.parametrize("column", ["vgg16", "vgg19"])
def test_with_keras_applications_weights_the_whole_vgg_gives_its_output(column, tmp_path):
    theirs = getattr(keras.applications, column.upper())(weights=None)
    theirs.save_weights(tmp_path / "a.weights.h5")
    ours = build_vgg(column, seed=1)
    ours.load_weights(tmp_path / "a.weights.h5")
    assert _difference(ours, theirs, (224, 224)) < 1e-5


def _difference(ours: keras.Model, theirs: keras.Model, size: tuple[int, int]) -> float:
    """The largest, relative to the largest number."""
    pictures = np.random.default_rng(0).uniform(-120, 130, (2, *size, 3)).astype(np.float32)
    one, other = (model(pictures, training=False).numpy() for model in (ours, theirs))
    assert np.abs(other).max() > 0
    return float(np.abs(one - other).max() / np.abs(other).max())


def test_preprocessing_is_part_of_the_model_where_it_is_asked_for():
    bare, whole = (build_vgg("A", (32, 32), 4, units=(8,), dropout=0, preprocessing=kind) for kind in (None, "vgg"))
    whole.set_weights([*whole.get_layer("preprocessing").get_weights(), *bare.get_weights()])
    pictures = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 3)).astype(np.float32)
    shifted = keras.applications.vgg16.preprocess_input(pictures.copy())
    assert np.allclose(whole(pictures), bare(shifted), atol=1e-5)
    assert whole.count_params() - bare.count_params() == 12


def test_batch_normalisation_stands_between_each_convolution_and_its_relu():
    model = build_vgg("B", (32, 32), top=False, batch_normalization=True, weight_decay=5e-4)
    names = [layer.name for layer in model.layers]
    convolutions = [name for name in names if name.endswith(("conv1", "conv2"))]
    assert len(convolutions) == 10
    for name in convolutions:
        place = names.index(name)
        assert names[place : place + 3] == [name, f"{name}_bn", f"{name}_relu"]
        assert model.get_layer(name).activation is keras.activations.linear
        assert model.get_layer(name).kernel_regularizer.l2 == pytest.approx(5e-4)
    assert model.get_layer("block1_conv1_relu").output.shape == (None, 32, 32, 64)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("vgg17",), "did you mean `vgg1"),
        (("vgg16", (31, 64)), "at least 32 x 32 for VGG, received 31 x 64"),
    ],
)
def test_a_vgg_that_can_not_be_built_is_refused(arguments, words):
    with pytest.raises(ConfigError, match=words):
        build_vgg(*arguments)


def test_an_unknown_initialisation_is_refused():
    with pytest.raises(ConfigError, match="glorot_uniform, he_normal, vgg_blog, gender_blog, received 'he'"):
        build_vgg("A", (32, 32), initialization="he")


def test_an_unknown_network_is_refused():
    with pytest.raises(ConfigError, match="did you mean `gender_cnn`"):
        network("gendr_cnn")
