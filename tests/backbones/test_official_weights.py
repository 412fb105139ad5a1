import h5py
import keras
import numpy as np
import pytest
from random_backbones import randomize, write

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.backbones.weights.official import layout, read_official_weights
from kerasvgg.errors import WeightsError

SMALL = {"a": ((3, 3, 3, 4), (4,)), "b": ((1, 1, 4, 1),), "c": ((4,), (4,))}


def _arrays(name: str) -> list[np.ndarray]:
    draw = np.random.default_rng(list(name.encode()))
    return [draw.normal(size=shape).astype(np.float32) for shape in SMALL[name]]


def _write(path, groups, root="/", pieces=False):
    with h5py.File(path, "w") as file:
        top = file.require_group(root)
        names = np.array(list(groups), dtype="S")
        if pieces:
            top.attrs["layer_names0"], top.attrs["layer_names1"] = names[:1], names[1:]
        else:
            top.attrs["layer_names"] = names
        for name, arrays in groups.items():
            group = top.require_group(name)
            keys = arrays if isinstance(arrays, dict) else {f"{name}/w{i}:0": array for i, array in enumerate(arrays)}
            group.attrs["weight_names"] = np.array(list(keys), dtype="S")
            for key, array in keys.items():
                group[key] = array
    return path


@pytest.fixture
def groups():
    return {name: _arrays(name) for name in SMALL}


def _same(found) -> bool:
    return found.keys() == SMALL.keys() and all(
        np.array_equal(a, b.reshape(a.shape)) and a.shape == shape
        for name, shapes in SMALL.items()
        for a, b, shape in zip(found[name], _arrays(name), shapes, strict=True)
    )


def test_layers_are_known_by_their_names_in_any_order(tmp_path, groups):
    path = _write(tmp_path / "w.h5", dict(reversed(groups.items())))
    assert _same(read_official_weights(path, SMALL))


def test_layers_with_other_names_are_known_by_their_order(tmp_path, groups):
    old = {"Conv": groups["a"], "Conv/Scale": groups["b"], "Conv/BatchNorm": groups["c"], "no_weights": []}
    assert _same(read_official_weights(_write(tmp_path / "w.h5", old), SMALL))


def test_a_group_of_a_nested_model_holds_several_layers(tmp_path, groups):
    nested = {"stem": [*groups["a"], *groups["b"]], "layer_normalization_7": groups["c"]}
    assert _same(read_official_weights(_write(tmp_path / "w.h5", nested), SMALL))


def test_what_normalizes_pictures_is_left_out(tmp_path, groups):
    normalization = {"mean:0": np.zeros(3), "variance:0": np.ones(3), "count:0": np.zeros((), np.int64)}
    path = _write(tmp_path / "w.h5", {"normalization": normalization, **groups})
    assert _same(read_official_weights(path, SMALL))


def test_whole_models_and_long_lists_of_names_are_read_too(tmp_path, groups):
    assert _same(read_official_weights(_write(tmp_path / "a.h5", groups, root="/model_weights"), SMALL))
    assert _same(read_official_weights(_write(tmp_path / "b.h5", groups, pieces=True), SMALL))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"c": None}, "the weights of 3 layers, received 2, without c"),
        ({"a": None, "b": None}, "the weights of 3 layers, received 1, without a, b"),
        ({"b": None, "old_b": [np.zeros((7, 4))]}, "for the layer c, received float64 of shape (7, 4) in old_b/w0:0"),
        ({"c": [np.zeros(4)]}, "must hold 5 arrays, received 4: nothing for the layer c"),
        ({"d": [np.zeros(3)]}, "must hold 5 arrays, received 6: d/w0:0"),
        ({"b": [np.zeros((1, 1, 5, 1))]}, "shape (1, 1, 4, 1) for the layer b, received float64 of shape (1, 1, 5, 1)"),
        ({"b": [np.zeros((4,), np.int32)]}, "received int32"),
        ({"a": [np.zeros((3, 3, 4, 3)), np.zeros(4)]}, "for the layer a"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, groups, change, words):
    changed = {name: arrays for name, arrays in {**groups, **change}.items() if arrays is not None}
    with pytest.raises(WeightsError) as caught:
        read_official_weights(_write(tmp_path / "w.h5", changed), SMALL)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"`{tmp_path / 'w.h5'}` must hold")


@pytest.mark.parametrize("content", [None, b"", b"<html>", b"\x89HDF\r\n\x1a\n broken"])
def test_what_is_no_weights_file_is_refused(tmp_path, content):
    path = tmp_path / "w.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"w\.h5"):
        read_official_weights(path, SMALL)


@pytest.mark.parametrize("case", ["empty", "no group", "no array", "a group", "a number"])
def test_a_file_of_another_kind_is_refused(tmp_path, groups, case):
    path = _write(tmp_path / "w.h5", groups)
    with h5py.File(path, "a") as file:
        if case == "empty":
            del file.attrs["layer_names"]
        elif case == "no group":
            del file["b"]
        elif case in ("no array", "a group"):
            del file["b/b/w0:0"]
        if case == "a group":
            file.create_group("b/b/w0:0")
        if case == "a number":
            file.attrs["layer_names"] = 5
    with pytest.raises(WeightsError, match=r"w\.h5"):
        read_official_weights(path, SMALL)


@pytest.mark.slow
def test_the_file_of_another_backbone_is_refused(tmp_path, smallest):
    model = smallest("mobilenetv3_large")
    path = write(keras.Model(model.get_layer("conv").input, model.get_layer("conv_1_bn").output), tmp_path / "w.h5")
    assert read_official_weights(path, layout(BACKBONES["mobilenetv3_large"])).keys() >= {"conv", "conv_1_bn"}
    with pytest.raises(WeightsError, match="for the layer stem_conv, received"):
        read_official_weights(path, {"stem_conv": ((3, 3, 3, 32),)})


def test_layers_that_were_frozen_are_read_all_the_same(tmp_path):
    pictures = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, name="a")(pictures)
    x = keras.layers.BatchNormalization(name="b")(x)
    model = keras.Model(pictures, x)
    randomize(model)
    model.trainable = False
    found = read_official_weights(
        write(model, tmp_path / "w.h5"), {"a": ((3, 3, 3, 4), (4,)), "b": ((4,), (4,), (4,), (4,))}
    )
    for layer in ("a", "b"):
        assert all(
            np.array_equal(*pair) for pair in zip(found[layer], model.get_layer(layer).get_weights(), strict=True)
        )
