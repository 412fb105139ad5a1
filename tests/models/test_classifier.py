import keras
import numpy as np
import pytest

from kerasvgg.errors import ConfigError
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.freezing import CutModel


@pytest.fixture(autouse=True, scope="module")
def _clear():
    yield
    keras.backend.clear_session()


def test_small_cnn_is_the_chapters():
    model = build_classifier("small_cnn", (150, 150), 2, kind="unit", units=(512,))
    shapes = [layer.output.shape[1:] for layer in model.layers if layer.name.startswith(("conv", "pool", "head"))]
    assert shapes == [
        (148, 148, 32), (74, 74, 32), (72, 72, 64), (36, 36, 64), (34, 34, 128), (17, 17, 128), (15, 15, 128),
        (7, 7, 128), (6272,), (512,), (1,),
    ]  # fmt: skip
    assert model.count_params() == 3_453_121  # as the chapter's summary says


def test_small_cnn_drops_before_its_dense_layer_when_asked():
    model = build_classifier("small_cnn", (150, 150), 2, kind="unit", units=(512,), input_dropout=0.5)
    names = [layer.name for layer in model.layers]
    assert names[-4:] == ["head_flatten", "head_input_dropout", "head_dense1", "head_output"]
    assert model.count_params() == 3_453_121


@pytest.mark.parametrize("column", ["vgg16", "vgg19"])
def test_vgg_equals_keras_applications_layer_by_layer(column):
    theirs = getattr(keras.applications, column.upper())(weights=None, include_top=False, input_shape=(64, 64, 3))
    ours = build_classifier(column, (64, 64), 2, kind="vgg")
    for layer in theirs.layers[1:]:
        mine = ours.get_layer(layer.name)
        assert type(mine) is type(layer)
        assert mine.output.shape == layer.output.shape
        assert mine.count_params() == layer.count_params()


def test_freezing_the_base_leaves_4_of_30_weights_and_block5_10():
    model = build_classifier("vgg16", (150, 150), 2, kind="vgg", units=(256,))
    CutModel(model, []).train_only(("*",))
    assert len(model.trainable_weights) == 30
    CutModel(model, []).train_only(("head",))
    assert len(model.trainable_weights) == 4
    CutModel(model, []).train_only(("block5", "head"))
    assert len(model.trainable_weights) == 10
    CutModel(model, []).train_only(("block5_conv3", "head_output"))
    assert [weight.path for weight in model.trainable_weights] == [
        "block5_conv3/kernel", "block5_conv3/bias", "head_output/kernel", "head_output/bias"
    ]  # fmt: skip


@pytest.mark.parametrize("pattern", ["block6", "block", "head_flatten", "preprocessing"])
def test_a_pattern_without_layers_to_train_is_refused(pattern):
    model = build_classifier("vgg16", (32, 32), 2, kind="vgg")
    with pytest.raises(ConfigError, match=f"received '{pattern}'"):
        CutModel(model, []).train_only((pattern,))


@pytest.mark.parametrize("patterns", [("head",), ("block5", "head"), ("block3_conv2", "head")])
def test_a_cut_model_computes_what_the_whole_one_does(patterns):
    model = build_classifier("vgg16", (32, 32), 3, kind="vgg")
    cut_model = CutModel(model, [patterns])
    trunk, tail = cut_model.before(cut_model.root), cut_model.after(cut_model.root)
    pictures = np.random.default_rng(0).integers(0, 255, (2, 32, 32, 3)).astype(np.float32)
    whole = model(pictures).numpy()
    assert np.abs(tail(trunk(pictures)).numpy() - whole).max() < 1e-6
    assert trunk.trainable_weights == []
    assert len(tail.trainable_weights) == len(model.trainable_weights)


def test_a_model_that_trains_from_its_first_layer_is_not_cut():
    model = build_classifier("small_cnn", (48, 48), 2, kind="unit")
    assert CutModel(model, [("*",), ("head",)]).cuts == (
        None,
        "head_dense1",
    )
    assert CutModel(model, [("*",)]).after(None) is model


def test_dropout_is_never_frozen_into_features():
    model = build_classifier("vgg16", (32, 32), 2, kind="vgg", units=(4, 4), input_dropout=0.5, dropout=0.5)
    assert CutModel(model, [("head",), ("head_output",)]).cuts == ("head_input_dropout",) * 2
    model = build_classifier("vgg16", (32, 32), 2, kind="vgg", units=(4, 4), dropout=0.5)
    assert CutModel(model, [("head",), ("head_output",)]).cuts == (
        "head_dense1",
        "head_dropout1",
    )


def test_two_classes_end_in_a_sigmoid_and_more_in_a_softmax():
    pictures = np.random.default_rng(0).integers(0, 255, (5, 48, 48, 3)).astype(np.float32)
    two = build_classifier("small_cnn", (48, 48), 2, kind="unit")(pictures).numpy()
    assert two.shape == (5, 1)
    five = build_classifier("small_cnn", (48, 48), 5, kind="unit")(pictures).numpy()
    assert five.shape == (5, 5)
    assert np.allclose(five.sum(1), 1)


def test_the_seed_decides_the_new_weights():
    first, again, other = (
        build_classifier("small_cnn", (48, 48), 2, kind="unit", seed=seed).get_weights() for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_two_classes_end_in_a_softmax_when_asked():
    model = build_classifier("gender_cnn", (16, 12), 2, kind="bgr", output="softmax")
    probabilities = model(np.full((3, 16, 12, 3), 90, np.float32)).numpy()
    assert probabilities.shape == (3, 2)
    assert np.allclose(probabilities.sum(1), 1)


def test_weight_decay_is_on_every_kernel_and_on_nothing_else():
    decayed, plain = (
        build_classifier("mnist_cnn", (28, 28), 3, kind="vgg", units=(4,), weight_decay=decay, batch_normalization=True)
        for decay in (1e-3, 0.0)
    )
    layers = [layer for layer in decayed.layers if layer.name.startswith(("conv", "head")) and hasattr(layer, "kernel")]
    assert len(layers) == 5
    squares = sum(float((layer.kernel.numpy() ** 2).sum()) for layer in layers)
    assert sum(float(loss) for loss in decayed.losses) == pytest.approx(1e-3 * squares, rel=1e-4)
    assert plain.losses == []


def test_batch_normalisation_is_frozen_with_its_block():
    model = build_classifier("vgg11", (32, 32), 2, kind="vgg", batch_normalization=True)
    CutModel(model, []).train_only(("block5", "head"))
    trained = [layer.name for layer in model.layers if layer.trainable_weights]
    assert trained == [
        "block5_conv1",
        "block5_conv1_bn",
        "block5_conv2",
        "block5_conv2_bn",
        "head_dense1",
        "head_output",
    ]


def test_weights_of_colours_do_not_fit_gray_pictures():
    with pytest.raises(ConfigError, match="must keep the three colours"):
        build_classifier(
            "vgg11", (32, 32), 2, kind="gray", weights={"block1_conv1": [np.zeros((3, 3, 3, 64)), np.zeros(64)]}
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"base": "vgg17"}, "small_cnn"),
        ({"image_size": (40, 48)}, "at least 46"),
        ({"pooling": "max"}, "flatten, average"),
        ({"classes": 1}, "at least 2"),
        ({"kind": "caffe"}, "vgg, unit, half, gray, bgr, rgb_mean"),
        ({"output": "linear"}, "sigmoid, softmax, or null"),
        ({"output": "sigmoid", "classes": 3}, "softmax for 3 classes"),
        ({"initialization": "glorot"}, "glorot_uniform, he_normal"),
    ],
)
def test_what_can_not_be_built_is_refused(change, words):
    arguments = {"base": "small_cnn", "image_size": (48, 48), "classes": 2, "kind": "unit", **change}
    with pytest.raises(ConfigError, match=words):
        build_classifier(**arguments)
