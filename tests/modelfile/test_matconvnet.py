"""A MatConvNet file's layers, classes and mean picture, read by the fields' names whatever their order."""

import io
import itertools
import json
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import scipy.io
import scipy.sparse
from mat_bytes import Writer
from mat_files import LAYOUTS, REAL, SMALL, Variables, cell, mat_file, vgg19

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.matconvnet.network import MatConvNet, MatLayer
from kerasvgg.modelfile.read.matconvnet.read import Weights, read_arrays, read_matconvnet

NAMES = (
    *("conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1", "conv2_1", "relu2_1", "conv2_2", "relu2_2", "pool2"),
    *("conv3_1", "relu3_1", "conv3_2", "relu3_2", "conv3_3", "relu3_3", "conv3_4", "relu3_4", "pool3"),
    *("conv4_1", "relu4_1", "conv4_2", "relu4_2", "conv4_3", "relu4_3", "conv4_4", "relu4_4", "pool4"),
    *("conv5_1", "relu5_1", "conv5_2", "relu5_2", "conv5_3", "relu5_3", "conv5_4", "relu5_4", "pool5"),
    *("fc6", "relu6", "fc7", "relu7", "fc8", "prob"),
)


def one_layer(**fields: Any) -> MatLayer:
    return read(fields).layers[0]


def read(*layers: dict[str, Any], **besides: Any) -> MatConvNet:
    return read_matconvnet(mat_file({"layers": cell(*layers), **besides}))


def refused(variables: Variables) -> str:
    with pytest.raises(ModelFileError) as caught:
        read_matconvnet(mat_file(variables))
    return str(caught.value)


@pytest.fixture(scope="module", params=[(layout, packed) for layout in LAYOUTS for packed in (False, True)])
def file(request: pytest.FixtureRequest) -> io.BytesIO:
    layout, packed = request.param
    return mat_file(vgg19(layout), packed)


def test_the_43_layers_of_vgg19_have_their_names_and_types(file: io.BytesIO) -> None:
    layers = read_matconvnet(file).layers
    assert tuple(layer.name for layer in layers) == NAMES
    starts = {
        "conv": "conv",
        "fc6": "conv",
        "fc7": "conv",
        "fc8": "conv",
        "relu": "relu",
        "pool": "pool",
        "prob": "softmax",
    }
    assert [layer.type for layer in layers] == [starts.get(name, starts.get(name[:4])) for name in NAMES]


def test_convolutions_and_pools_say_how_they_move(file: io.BytesIO) -> None:
    layers = {layer.name: layer for layer in read_matconvnet(file).layers}
    first, pool, top = layers["conv1_1"], layers["pool1"], layers["fc6"]
    assert (first.kernel, first.bias, first.pad, first.stride) == ((3, 3, 3, SMALL[0]), SMALL[0], (1, 1, 1, 1), (1, 1))
    assert (top.kernel, top.bias, top.pad) == ((7, 7, SMALL[4], 7), 7, (0, 0, 0, 0))
    assert (pool.method, pool.pool, pool.stride, pool.pad) == ("max", (2, 2), (2, 2), (0, 1, 0, 1))
    assert (pool.kernel, pool.bias, pool.arrays, pool.parameters) == (None, None, (), 0)
    relu = layers["relu6"]
    assert (relu.pad, relu.stride, relu.pool, relu.method) == (None, None, None, "")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_stands_besides_the_layers_is_found_in_both_layouts(layout: str) -> None:
    variables = vgg19(layout)
    network = read_matconvnet(mat_file(variables))
    normalization = variables.get("normalization") or variables["meta"]["normalization"]
    picture = normalization["averageImage"]
    assert network.layout == layout
    assert network.class_names == ("n00000000", "n00000001", "n00000002")
    assert network.class_descriptions == ("class 0, é", "class 1, é", "class 2, é")
    assert network.image_size == (224, 224, 3)
    assert network.mean_picture == picture.shape
    assert network.mean_pixel == pytest.approx(picture.astype(float).mean((0, 1)).tolist(), rel=1e-12)
    assert network.colour_order == "RGB"
    assert network.parameters == sum(layer.parameters for layer in network.layers) == _parameters(SMALL, 7, 3)


def _parameters(channels: tuple[int, ...], top: int, classes: int) -> int:
    widths = [3, *(width for width, count in zip(channels, (2, 2, 4, 4, 4), strict=True) for _ in range(count))]
    base = sum(9 * before * after + after for before, after in itertools.pairwise(widths))
    return base + 49 * channels[4] * top + top + top * top + top + top * classes + classes


def test_a_network_is_json(file: io.BytesIO) -> None:
    network = read_matconvnet(file)
    said = json.loads(json.dumps(asdict(network), allow_nan=False))
    assert said["layers"][0]["kernel"] == [3, 3, 3, SMALL[0]]
    assert len(said["layers"]) == 43


def test_arrays_come_in_keras_order_one_at_a_time(file: io.BytesIO) -> None:
    layers = {layer["name"][0, 0][0]: layer["weights"][0, 0][0] for layer in _convolutions(file)}
    found = list(read_arrays(file))
    assert [(name, role) for name, role, _ in found] == [(name, role) for name in layers for role in ("kernel", "bias")]
    for name, role, array in found:
        kernel, bias = layers[name]
        expected = np.transpose(kernel, (1, 0, 2, 3)) if role == "kernel" else bias.ravel()
        assert array.dtype == np.float32
        assert np.array_equal(array, expected)


def _convolutions(file: io.BytesIO) -> Iterator[Any]:
    layers = scipy.io.loadmat(file)["layers"][0]
    return (layer for layer in layers if "weights" in layer.dtype.names)


def test_a_visit_sees_every_value_on_the_one_way_through(file: io.BytesIO) -> None:
    seen = []

    def visit(weights: Weights) -> None:
        seen.append((weights.layer, weights.place, weights.shape, np.concatenate(list(weights.blocks))))

    network = read_matconvnet(file, visit)
    named = [(network.layers[layer].name, network.layers[layer].arrays[place].role) for layer, place, *_ in seen]
    arrays = list(read_arrays(file))
    assert named == [(name, role) for name, role, _ in arrays]
    for (layer, place, shape, flat), (_, role, array) in zip(seen, arrays, strict=True):
        assert network.layers[layer].arrays[place].shape == shape
        expected = np.transpose(array, (1, 0, 2, 3)) if role == "kernel" else array
        assert np.array_equal(flat, expected.ravel(order="F"))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_order_of_fields_and_fields_besides_do_not_matter(layout: str, seed: int) -> None:
    variables = vgg19(layout)
    random = np.random.default_rng(seed)
    variables["layers"] = cell(
        *({**_shuffled(layer, random), "learningRate": [1.0, 2.0]} for layer in variables["layers"][0])
    )
    for name in variables.keys() - {"layers"}:
        variables[name] = {"about": "more", **_shuffled(variables[name], random)}
    shuffled = read_matconvnet(mat_file(_shuffled(variables, random) | {"stats": np.eye(3)}))
    assert asdict(shuffled) == asdict(read_matconvnet(mat_file(vgg19(layout))))


def _shuffled(fields: dict[str, Any], random: np.random.Generator) -> dict[str, Any]:
    return {str(name): fields[name] for name in random.permutation(list(fields))}


def test_the_oldest_networks_have_filters_and_biases() -> None:
    kernel, bias = np.random.default_rng(0).standard_normal((3, 3, 2, 4)), np.ones(4)
    old = mat_file({"layers": cell({"filters": kernel, "biases": bias, "type": "conv", "name": "c"})})
    assert read_matconvnet(old).layers[0].kernel == (3, 3, 2, 4)
    (_, _, array), (name, role, ones) = read_arrays(old)
    assert np.array_equal(array, kernel.transpose(1, 0, 2, 3))
    assert (name, role, ones.tolist()) == ("c", "bias", [1, 1, 1, 1])


def test_a_network_saved_as_one_variable_is_found() -> None:
    variables = vgg19("new")
    inside = mat_file({"net": variables, "stats": {"train": 1.0}})
    assert asdict(read_matconvnet(inside)) == asdict(read_matconvnet(mat_file(variables)))
    assert len(list(read_arrays(inside))) == 38


def test_arrays_that_are_empty_or_elsewhere_are_not_seen() -> None:
    nothing, one = np.empty((0, 0)), np.ones((3, 3, 2, 4))
    file = mat_file(
        {
            "layers": cell(
                {"type": "conv", "weights": cell(one, nothing), "normalization": {"averageImage": one}},
                {"type": "conv", "weights": cell(nothing, np.ones(4))},
                {"type": "conv", "filters": one, "biases": nothing},
                {"type": "relu", "weights": cell(), "filters": nothing, "biases": nothing, "momentum": cell(one, one)},
            ),
            "meta": {"layers": cell({"weights": cell(one)})},
            "normalization": {"averageImage": np.ones((1, 1, 3))},
        }
    )
    seen = []
    network = read_matconvnet(file, lambda weights: seen.append((weights.layer, weights.place)))
    assert seen == [(0, 0), (1, 1), (2, 0)]
    assert [(name, role) for name, role, _ in read_arrays(file)] == [
        ("conv1", "kernel"),
        ("conv2", "bias"),
        ("conv3", "kernel"),
    ]
    assert network.parameters == sum(array.size for *_, array in read_arrays(file))
    assert network.mean_pixel == ()


def test_what_a_file_does_not_say_is_empty() -> None:
    network = read(
        {"type": "conv", "weights": cell(np.ones((2, 3, 4, 5)), np.empty((0, 0)))}, {"type": "pool"}, {"type": "relu"}
    )
    convolution, pool, relu = network.layers
    assert (convolution.name, convolution.kernel, convolution.bias) == ("conv1", (3, 2, 4, 5), None)
    assert (convolution.pad, convolution.stride, convolution.parameters) == ((0, 0, 0, 0), (1, 1), 120)
    assert (pool.name, pool.pool, pool.method) == ("pool2", (1, 1), "max")
    assert relu.name == "relu3"
    assert (network.layout, network.class_names, network.image_size) == ("old", (), ())
    assert (network.mean_picture, network.mean_pixel) == ((), ())


def test_empty_fields_are_the_same_as_missing_ones() -> None:
    nothing = np.empty((0, 0))
    fields = {"type": "conv", "name": "", "weights": cell(), "pad": nothing, "stride": nothing}
    meta = {"classes": nothing, "normalization": {"averageImage": nothing, "imageSize": nothing}}
    network = read(fields, meta=meta)
    assert asdict(network.layers[0]) == asdict(one_layer(type="conv"))
    assert (network.layout, network.class_names, network.mean_pixel) == ("new", (), ())


def test_one_number_stands_for_all_sides() -> None:
    layer = one_layer(type="pool", pad=2.0, stride=[3.0, 1.0], pool=3, method="avg")
    assert (layer.pad, layer.stride, layer.pool, layer.method) == ((2, 2, 2, 2), (3, 1), (3, 3), "avg")


@pytest.mark.parametrize(
    ("shape", "kernel"), [((3, 2), (2, 3, 1, 1)), ((1, 1), (1, 1, 1, 1)), ((7, 7, 5), (7, 7, 5, 1))]
)
def test_the_ones_that_matlab_leaves_away_come_back(shape: tuple[int, ...], kernel: tuple[int, ...]) -> None:
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    file = mat_file({"layers": cell({"type": "conv", "weights": cell(values, 1.0)})})
    assert read_matconvnet(file).layers[0].kernel == kernel
    (_, _, array), _ = read_arrays(file)
    assert array.shape == kernel
    assert np.array_equal(array[:, :, 0, 0], (values if values.ndim == 2 else values[:, :, 0]).T)


def test_other_layers_keep_their_words_and_weights() -> None:
    moments = cell(np.ones((4, 1)), np.ones((4, 1)), np.ones((4, 2)))
    network = read(
        {"type": "lrn", "param": [5.0, 1.0, 2e-5, 0.75]},
        {"type": "dropout", "rate": 0.5},
        {"type": "bnorm", "weights": moments},
        {"type": "convt", "weights": cell(np.ones((4, 4, 2, 3)), np.ones(2)), "upsample": 2.0},
    )
    assert [layer.type for layer in network.layers] == ["lrn", "dropout", "bnorm", "convt"]
    assert [array.role for array in network.layers[2].arrays] == ["multiplier", "bias", "moments"]
    assert (network.layers[2].parameters, network.layers[2].kernel) == (16, None)
    assert (network.layers[3].kernel, network.layers[3].bias) == ((4, 4, 2, 3), 2)


@pytest.mark.parametrize(
    "picture", [np.array([[1.0, 2.0, 3.0]]), np.array([[[1, 2, 3]]], np.uint8), np.array([[1.0], [2], [3]])]
)
def test_a_mean_pixel_may_stand_in_place_of_a_picture(picture: np.ndarray) -> None:
    assert read({"type": "relu"}, normalization={"averageImage": picture}).mean_pixel == (1.0, 2.0, 3.0)


def test_a_grey_mean_picture_has_one_channel() -> None:
    network = read({"type": "relu"}, normalization={"averageImage": np.array([[1.0, 2.0], [3.0, 6.0]])})
    assert (network.mean_picture, network.mean_pixel) == ((2, 2), (3.0,))


def test_class_names_may_be_rows_of_text() -> None:
    names = np.array(["cat", "horse"])
    assert read({"type": "relu"}, classes={"name": names}).class_names == ("cat", "horse")


CONV = {"type": "conv", "weights": cell(np.ones((3, 3, 2, 4)), np.ones(4))}
WRONG = {
    "no network": ({"x": 1.0}, "must be a MatConvNet network, received a .mat file without `layers`"),
    "no layers": ({"layers": cell()}, "received a .mat file without `layers`"),
    "dag": ({"layers": np.zeros((1, 2), [("type", object)]), "params": 1.0}, "received a DagNN"),
    "net is text": ({"net": "vgg"}, "must have one struct in `net`, received the text 'vgg'"),
    "a layer is text": ({"layers": cell("conv")}, "must have a cell of structs in `layers`, received a cell of 1 x 1"),
    "no type": ({"layers": cell({"name": "a"})}, "must have a type in `layers{1}.type`, received nothing"),
    "type is a number": (
        {"layers": cell({"type": 3.0})},
        "must have text in `layers{1}.type`, received [3.0] (float64)",
    ),
    "sparse": (
        {"layers": cell({**CONV, "weights": cell(scipy.sparse.csc_array(np.eye(3)))})},
        "must have arrays of numbers in `layers{1}.weights`, received a cell of 1 x 1",
    ),
    "bias": (
        {"layers": cell({"type": "relu"}, {**CONV, "weights": cell(np.ones((3, 3, 2, 4)), np.ones(3))})},
        "a bias for each output in `layers{2}.weights`",
    ),
    "five dimensions": (
        {"layers": cell({**CONV, "weights": cell(np.ones((1, 1, 1, 1, 2)))})},
        "a kernel of 4 dimensions",
    ),
    "both": ({"layers": cell({**CONV, "filters": np.ones((3, 3))})}, "nothing besides `filters`"),
    "biases alone": ({"layers": cell({"type": "conv", "biases": np.ones(4)})}, "an array besides `biases`"),
    "filters in a cell": (
        {"layers": cell({"type": "conv", "filters": cell(np.ones((3, 3)))})},
        "an array of numbers in `layers{1}.filters`",
    ),
    "two networks": ({"layers": cell(CONV), "net": {"layers": cell(CONV, CONV)}}, "one network"),
    "three sides": ({"layers": cell({**CONV, "pad": [1.0, 1.0, 1.0]})}, "1 or 4 whole numbers in `layers{1}.pad`"),
    "half a step": ({"layers": cell({**CONV, "stride": 1.5})}, "whole numbers from 1 on in `layers{1}.stride`"),
    "pad below 0": (
        {"layers": cell({**CONV, "pad": -1.0})},
        "whole numbers from 0 on in `layers{1}.pad`, received [-1.0]",
    ),
    "pad is NaN": ({"layers": cell({**CONV, "pad": np.nan})}, "received [nan]"),
    "pad is infinite": ({"layers": cell({**CONV, "pad": np.inf})}, "received [inf]"),
    "long pad": ({"layers": cell({**CONV, "pad": np.ones((100, 100))})}, "received a numbers of 100 x 100"),
    "mean is NaN": (
        {"layers": cell(CONV), "normalization": {"averageImage": np.full((2, 2, 3), np.nan)}},
        "must have a mean picture of finite numbers",
    ),
    "mean overflows": (
        {"layers": cell(CONV), "normalization": {"averageImage": np.full((2, 2, 3), 1e308)}},
        "must have a mean picture of finite numbers",
    ),
    "large mean": (
        {"layers": cell(CONV), "normalization": {"averageImage": np.zeros((2100, 2000))}},
        "must have a mean picture of at most 33,554,432 bytes",
    ),
    "classes are numbers": (
        {"layers": cell(CONV), "classes": {"name": np.ones((2, 2))}},
        "a cell of texts in `classes.name`",
    ),
    "class is a number": (
        {"layers": cell(CONV), "meta": {"classes": {"name": cell(1.0)}}},
        "text in `meta.classes.name`",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_no_network_of_matconvnet_is_refused_by_the_field(kind: str) -> None:
    variables, said = WRONG[kind]
    assert said in refused(variables)


def test_a_function_among_the_fields_is_no_obstacle() -> None:
    writer = Writer()
    function = writer.matrix(16, (1, 1), writer.struct({"a": writer.numbers([1])}))
    layer = writer.struct({"type": writer.text("custom"), "forward": function, "name": writer.text("mine")})
    network = read_matconvnet(writer.file(writer.cell(layer, name="layers")))
    assert (network.layers[0].type, network.layers[0].name) == ("custom", "mine")


@pytest.mark.very_slow
@pytest.mark.parametrize("compressed", [False, True])
def test_a_real_vgg19_takes_little_time_and_memory(compressed: bool, tmp_path: Any) -> None:
    path = tmp_path / "imagenet-vgg-verydeep-19.mat"
    scipy.io.savemat(path, vgg19("old", REAL, 4096, 1000), do_compression=compressed)
    sums: list[float] = []
    tracemalloc.start()
    started = time.perf_counter()
    with path.open("rb") as file:
        network = read_matconvnet(file)
        seconds = time.perf_counter() - started
        read_matconvnet(file, lambda weights: sums.append(sum(float(block.sum()) for block in weights.blocks)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert network.parameters == 143_667_240
    assert len(sums) == 38
    assert seconds < (30 if compressed else 2)
    assert peak < 16 << 20
