from contextlib import closing

import keras
import numpy as np
import pytest

from kerasvgg.data.augmentation.views import MirrorPairs
from kerasvgg.data.pictures.loading import BadFileError, BadFiles
from kerasvgg.data.pictures.resizing import FITS
from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.engines.ncnn import EngineError
from kerasvgg.engines.vectors import KINDS
from kerasvgg.errors import KerasVGGError
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.features.store import Store
from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.forward import BATCH, Forward
from kerasvgg.models.freezing import CutModel

N = 40
PHASES = (("head",), ("block5", "head"))


@pytest.fixture
def pictures():
    draw = np.random.default_rng(0)
    return ArrayPictures(draw.integers(0, 255, (N, 48, 48, 3)).astype(np.uint8), draw.integers(0, 2, N))


@pytest.fixture(scope="module")
def model():
    keras.backend.clear_session()
    return build_classifier("vgg16", (48, 48), 2, kind="vgg", pooling="average", units=(8,))


@pytest.fixture
def freeze(model, tmp_path):
    """Opens the model's frozen layers for phases, with their features below the test's folder."""
    opened = []

    def start(phases=PHASES, dtype="float32", folder=tmp_path / "kept"):
        description = Description(("a", "b"), (48, 48), "bilinear", "vgg", "vgg16")
        opened.append(FeatureExtractor(CutModel(model, phases), description, folder, dtype=dtype))
        return opened[-1]

    yield start
    for extractor in opened:
        extractor.__exit__()


@pytest.mark.slow
def test_a_model_that_diverged_is_no_mistake_of_the_cut(freeze, model, pictures):
    extractor = freeze([("head",)])
    output = model.get_layer("head_output")
    kernel, bias = output.get_weights()
    output.set_weights([kernel, bias * np.nan])
    try:
        extractor.prove(pictures)
    finally:
        output.set_weights([kernel, bias])


def test_the_foremost_cut_of_all_phases_is_the_root(freeze):
    assert freeze().root == "block5_conv1"
    assert freeze([("head",)]).root == "head_dense1"
    assert freeze([("head",), ("*",)]).root is None


@pytest.mark.slow
def test_features_at_a_later_cut_are_those_of_the_pictures_themselves(freeze, model, pictures):
    extractor = freeze()
    direct = Forward(CutModel(model, [("head",)]).before("head_dense1"), BATCH)
    expected = np.concatenate([direct(pictures.load(np.arange(i, min(i + BATCH, N)))) for i in (0, BATCH)])
    found = extractor.features(pictures, "head_dense1").load(np.arange(N))
    assert np.abs(found - expected).max() <= 1e-5 * np.abs(expected).max()
    assert extractor.facts()["computed"] == N


def test_pictures_pass_the_frozen_layers_once_for_all_phases(freeze, pictures, tmp_path):
    extractor = freeze()
    for cut in extractor.cuts:
        extractor.features(pictures, cut)
    again = freeze()
    for cut in again.cuts:
        again.features(pictures, cut)
    assert (extractor.facts()["computed"], again.facts()["computed"]) == (N, 0)
    shorter = freeze([("head",)])
    shorter.features(pictures, "head_dense1")
    assert shorter.facts()["computed"] == 0


def test_a_pictures_features_do_not_depend_on_its_neighbours(model, pictures):
    run = Forward(CutModel(model, [("head",)]).before("block5_conv1"), BATCH)
    together = run(pictures.load(np.arange(BATCH)))
    for few in ([3], [9, 3], [5, 6, 3, 7, 30]):
        assert np.array_equal(run(pictures.load(np.array(few))), together[few])


def test_outputs_by_way_of_features_are_the_models(freeze, model, pictures):
    expected = model.predict(pictures.load(np.arange(N)).astype(np.float32), verbose=0)
    for dtype, tolerance in (("float32", 1e-5), ("float16", 1e-2)):
        found = np.concatenate([rows for _, (rows,) in freeze(dtype=dtype).outputs(pictures)])
        assert np.abs(found - expected).max() < tolerance


@pytest.mark.slow
def test_a_saved_model_that_is_not_what_was_trained_is_refused(freeze, pictures, tmp_path):
    extractor = freeze()
    extractor.prove(pictures)
    assert extractor.facts()["largest_difference"] < 1e-5
    (path,) = (tmp_path / "kept").glob("*.sqlite")
    store = Store.open(path)
    store.write(list(pictures.keys), np.stack(store.read(pictures.keys)) * 100)
    store.close()
    with pytest.raises(KerasVGGError, match="received a difference of"):
        extractor.prove(pictures)


@pytest.mark.sampled(by_default=5)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kerasvgg.features.extractor.DECODER_VERSION", 99),
        ("kerasvgg.features.extractor.version", lambda package: "99"),
        ("kerasvgg.features.parts.choose", lambda *_: "xla"),
        ("kerasvgg.features.parts.choose", lambda *_: "ncnn"),
        ("kerasvgg.features.extractor.threads", lambda: 99),
        ("tensorflow.__version__", "99"),
    ],
)
def test_what_features_depend_on_is_in_their_name(name, value, freeze, pictures, tmp_path, monkeypatch, taking_engine):
    taking_engine("graph")
    freeze([("head",)]).features(pictures, "head_dense1")
    monkeypatch.setattr(name, value)
    freeze([("head",)]).features(pictures, "head_dense1")
    assert len(list((tmp_path / "kept").glob("*.sqlite"))) == 2


@pytest.mark.parametrize("name", ["ncnn_version", "instruction_set"])
def test_what_ncnns_bits_depend_on_is_in_the_name_too(name, freeze, pictures, tmp_path, monkeypatch, taking_engine):
    taking_engine("ncnn")
    freeze([("head",)]).features(pictures, "head_dense1")
    monkeypatch.setattr(f"kerasvgg.engines.engine.{name}", lambda: "99")
    freeze([("head",)]).features(pictures, "head_dense1")
    assert len(list((tmp_path / "kept").glob("*.sqlite"))) == 2


def odd_model(between):
    """A classifier of two convolutions, with a layer between the second and its head."""
    pictures = keras.Input((20, 20, 3))
    x = keras.layers.Conv2D(8, 3, activation="relu", name="a1")(pictures)
    x = between(keras.layers.Conv2D(8, 3, activation="relu", name="b1")(x))
    x = keras.layers.Dense(2, activation="softmax", name="head_output")(keras.layers.Flatten(name="head_flatten")(x))
    return CutModel(keras.Model(pictures, x), [("b1", "head"), ("head",)])


def some_features(cut_model, folder, forced, cut="head_output"):
    draw = np.random.default_rng(0)
    small = ArrayPictures(draw.integers(0, 255, (8, 20, 20, 3)).astype(np.uint8), np.arange(8) % 2)
    about = Description(("a", "b"), (20, 20), "bilinear", "none", "own")
    with FeatureExtractor(cut_model, about, folder, forced=forced) as extractor:
        return extractor.features(small, cut).load(np.arange(8)), extractor.facts()["computed"]


def test_layers_after_the_root_are_held_against_tensorflow_too(tmp_path, monkeypatch):
    cut_model = odd_model(keras.layers.UnitNormalization())
    expected, _ = some_features(cut_model, tmp_path / "graph", "graph")
    found, _ = some_features(cut_model, tmp_path / "ncnn", "ncnn")
    assert np.linalg.norm(found - expected) < 1e-5 * np.linalg.norm(expected)
    monkeypatch.setattr("kerasvgg.engines.vectors.KINDS", {**KINDS, "UnitNormalization": lambda _: lambda x: x[0] * 2})
    with pytest.raises(EngineError, match="its results differ by"):
        some_features(cut_model, tmp_path / "wrong", "ncnn")


def test_features_made_of_another_engines_features_are_not_taken_for_its_own(tmp_path):
    cut_model = odd_model(keras.layers.DepthwiseConv2D(3, name="b2"))  # which ncnn is not asked for
    some_features(cut_model, tmp_path, "ncnn")
    _, computed = some_features(cut_model, tmp_path, "graph")
    assert computed == 8
    assert len(list(tmp_path.glob("*.sqlite"))) == 4


@pytest.mark.slow
def test_interpolation_and_dtype_are_in_the_name_too(model, pictures, tmp_path):
    for interpolation, dtype in (("bilinear", "float32"), ("nearest", "float32"), ("nearest", "float16")):
        description = Description(("a", "b"), (48, 48), interpolation, "vgg", "vgg16")
        with FeatureExtractor(CutModel(model, [("head",)]), description, tmp_path, dtype=dtype) as extractor:
            extractor.features(pictures, "head_dense1")
    assert len(list(tmp_path.glob("*.sqlite"))) == 3


@pytest.mark.slow
def test_features_of_another_fit_are_others_and_those_of_older_versions_squeezed(model, pictures, tmp_path):
    few = ArrayPictures(pictures.load(np.arange(8)), pictures.labels[:8])
    for fit in FITS:
        description = Description(("a", "b"), (48, 48), "bilinear", "vgg", "vgg16", fit=fit)
        with FeatureExtractor(CutModel(model, [("head",)]), description, tmp_path) as extractor:
            extractor.features(few, "head_dense1")
            assert extractor.facts()["computed"] == 8
    stores = [Store.open(path) for path in tmp_path.glob("*.sqlite")]
    assert {store.about.get("fit") for store in stores} == {None, "pad", "crop"}
    for store in stores:
        store.close()


@pytest.mark.slow
def test_a_later_cut_is_computed_from_the_root(freeze, pictures, tmp_path):
    extractor = freeze()
    root = extractor.features(pictures, "block5_conv1")
    expected = extractor.features(pictures, "head_dense1").load(np.arange(N))
    for path in (tmp_path / "kept").glob("*.sqlite"):
        with closing(Store.open(path)) as store:
            if store.about["cut"] == "head_dense1":
                store.clear()
            else:
                store.write(list(pictures.keys), root.load(np.arange(N)) * 2)
    found = freeze().features(pictures, "head_dense1").load(np.arange(N))
    assert not np.allclose(found, expected)


@pytest.mark.slow
def test_rounded_features_are_not_taken_for_others(freeze, pictures, tmp_path):
    freeze([("head",)], "float16").features(pictures, "head_dense1")
    freeze(dtype="float16").features(pictures, "head_dense1")
    assert len(list((tmp_path / "kept").glob("*.sqlite"))) == 3


@pytest.mark.slow
def test_other_weights_have_other_features(freeze, model, pictures, tmp_path):
    freeze([("head",)]).features(pictures, "head_dense1")
    layer = model.get_layer("block2_conv1")
    kernel, bias = layer.get_weights()
    layer.set_weights([kernel, bias + 1e-3])
    try:
        freeze([("head",)]).features(pictures, "head_dense1")
    finally:
        layer.set_weights([kernel, bias])
    assert len(list((tmp_path / "kept").glob("*.sqlite"))) == 2


@pytest.mark.slow
def test_without_a_folder_nothing_stays(freeze, pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    extractor = freeze(folder=None)
    extractor.features(pictures, "head_dense1")
    assert list(tmp_path.iterdir()) != []
    extractor.__exit__()
    assert list(tmp_path.iterdir()) == []


def test_both_modes_give_the_same_within_rounding(model, pictures):
    trunk = CutModel(model, [("head",)]).before("block5_conv1")
    graph, xla = (Forward(trunk, 8, mode)(pictures.load(np.arange(8))) for mode in ("graph", "xla"))
    assert np.abs(graph - xla).max() <= 1e-4 * np.abs(graph).max()


def test_a_picture_that_goes_bad_between_its_two_views_is_left_out(monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 3)).astype(np.uint8)
    pictures, load = ArrayPictures(images, np.array([0, 1, 0])), MirrorPairs.load

    def failing(self, indices):
        if 3 + 1 in indices:
            raise BadFileError("b.png", "it is missing")
        return load(self, indices)

    model = build_classifier("small_cnn", (48, 48), 2, kind="unit", units=(4,), seed=0)
    about = Description(("a", "b"), (48, 48), "bilinear", "unit", "small_cnn")
    with FeatureExtractor(CutModel(model, [("*",)]), about, bad_files=BadFiles("skip")) as extractor:
        whole = next(extractor.outputs(pictures, mirrored=True))
        monkeypatch.setattr(MirrorPairs, "load", failing)
        places, views = next(extractor.outputs(pictures, mirrored=True))
    assert places.tolist() == [0, 2]
    for left, all_three in zip(views, whole[1], strict=True):
        np.testing.assert_allclose(left, all_three[[0, 2]], atol=1e-6)
