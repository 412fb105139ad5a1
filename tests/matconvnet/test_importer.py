"""MatConvNet's files as Keras models, against a forward pass in NumPy on what SciPy reads."""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import scipy.io

sys.path.insert(0, str(Path(__file__).parents[1] / "modelfile"))
from mat_files import LAYOUTS, REAL, Variables, cell, vgg19

from kerasvgg.backbones.weights.sources import verify_weights
from kerasvgg.engines.ncnn import NcnnForward
from kerasvgg.engines.network import network_of
from kerasvgg.errors import ConfigError, ModelFileError
from kerasvgg.matconvnet import build as kernel_order
from kerasvgg.matconvnet.importer import Imported, import_matconvnet
from kerasvgg.modelfile.inspect import inspect
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.classifier import build_classifier

BLOG = {"pool1": 250, "pool2": 125, "pool3": 63, "pool4": 32, "pool5": 16}  # sides for a picture of 500x500
SEEN = 37  # convolutions, relus and pools before fc6


@pytest.fixture(autouse=True, scope="module")
def _clear():
    yield
    keras.backend.clear_session()


def written(path: Path, variables: Variables, compressed: bool = False) -> Path:
    """Weights are made smaller, so that numbers neither grow nor vanish on their way."""
    for layer in variables["layers"].flat:
        if "weights" in layer:
            kernel = layer["weights"][0, 0]
            layer["weights"][0, 0] = kernel * np.float32(np.sqrt(2 / np.prod(kernel.shape[:3])))
    scipy.io.savemat(path, variables, do_compression=compressed)
    return path


def said(value: Any) -> Any:
    """The one value in the arrays of one that SciPy makes of everything."""
    while isinstance(value, np.ndarray) and value.dtype == object and value.size == 1:
        value = value.item()
    return value


def forward(path: Path, picture: np.ndarray, *, is_transposed: bool = True) -> Iterator[tuple[str, np.ndarray]]:
    """Every layer's numbers for a picture (height, width, 3), as the VGG19 blog reads the file."""
    file = scipy.io.loadmat(path)
    about = file["normalization"] if "normalization" in file else file["meta"]["normalization"][0, 0]
    x = picture - said(about["averageImage"]).reshape(-1, 3).mean(0, dtype=np.float64)
    for item in file["layers"][0]:
        layer = item[0, 0]
        kind = str(layer["type"][0])
        if kind == "conv":
            kernel, bias = layer["weights"].ravel()[:2]
            kernel = np.transpose(kernel, (1, 0, 2, 3)) if is_transposed else kernel
            x = convolved(x, kernel.astype(x.dtype), bias.ravel(), int(np.ravel(layer["pad"])[0]))
        elif kind == "relu":
            x = np.maximum(x, 0)
        elif kind == "pool":
            x = pooled(x)
        else:
            shares = np.exp(x - x.max())
            x = shares / shares.sum()
        yield str(layer["name"][0]), x


def convolved(x: np.ndarray, kernel: np.ndarray, bias: np.ndarray, pad: int) -> np.ndarray:
    x = np.pad(x, ((pad, pad), (pad, pad), (0, 0)))
    height, width = x.shape[0] - kernel.shape[0] + 1, x.shape[1] - kernel.shape[1] + 1
    total = np.zeros((height, width, kernel.shape[3]), x.dtype)
    for i, j in np.ndindex(kernel.shape[:2]):
        total += x[i : i + height, j : j + width] @ kernel[i, j]
    return total + bias


def pooled(x: np.ndarray) -> np.ndarray:
    height, width, channels = x.shape
    x = np.pad(x, ((0, height % 2), (0, width % 2), (0, 0)), constant_values=-np.inf)
    return x.reshape((height + 1) // 2, 2, (width + 1) // 2, 2, channels).max((1, 3))


def picture(*size: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 255, (*size, 3))


def compare(model: keras.Model, expected: Iterator[tuple[str, np.ndarray]], x: np.ndarray) -> int:
    """Walks through the layers one by one; returns how many were the same within 1e-4 of the layer's largest number."""
    numbers = x[None].astype(np.float32)
    layers = iter(model.layers[1:])
    same = 0
    for name, wanted in expected:
        found = ""
        while found != name:
            layer = next(layers)
            numbers, found = layer(numbers), layer.name
        difference = np.abs(np.asarray(numbers).reshape(-1) - wanted.reshape(-1)).max()
        assert difference <= 1e-4 * np.abs(wanted).max(), name
        same += 1
    return same


@pytest.fixture(scope="module", params=[*LAYOUTS])
def small(request, tmp_path_factory) -> tuple[Path, Path, Imported]:
    """A narrow VGG19 and what was made of it."""
    folder = tmp_path_factory.mktemp(request.param)
    mat = written(folder / "vgg.mat", vgg19(request.param), compressed=request.param == "new")
    return mat, folder / "vgg.keras", import_matconvnet(mat, folder / "vgg.keras")


@pytest.mark.sampled(by_default=2)
def test_all_layers_give_what_an_independent_forward_pass_gives(small):
    mat, made, done = small
    assert (done.layers, done.classes, done.order) == (43, 3, "width-first")
    model = open_model(made).model
    x = picture(224, 224)
    assert compare(model, forward(mat, x), x) == SEEN + 6
    probabilities = dict(forward(mat, x))["prob"].ravel()
    assert np.allclose(model(x[None]).numpy(), probabilities, atol=1e-5)
    assert np.allclose(NcnnForward(network_of(model))(x[None]), probabilities, atol=1e-5)
    assert probabilities.max() < 0.999


@pytest.mark.sampled(by_default=2)
def test_a_picture_of_500x500_has_the_blogs_shapes(small):
    mat, made, _ = small
    model = open_model(made).model
    x = picture(500, 500)
    convolutional = [one for one in forward(mat, x) if one[0] in BLOG or one[0][0] in "cr"][:SEEN]
    assert {name: numbers.shape[0] for name, numbers in convolutional if name in BLOG} == BLOG
    assert compare(model, iter(convolutional), x) == SEEN


@pytest.mark.sampled(by_default=2)
def test_the_file_made_speaks_for_itself(small):
    _, made, _ = small
    facts = inspect(made)
    assert facts.verdict == "safe to open"
    assert facts.about["class_names"] == "class 0, \u00e9, class 1, \u00e9, class 2, \u00e9"
    opened = open_model(made)
    assert opened.description.class_names == ("class 0, \u00e9", "class 1, \u00e9", "class 2, \u00e9")
    assert opened.description.image_size == (224, 224)
    assert opened.description.preprocessing == "rgb_own_mean"
    names = [layer.name for layer in opened.model.layers]
    assert names[:6] == ["pictures", "preprocessing", "conv1_1", "relu1_1", "conv1_2", "relu1_2"]
    assert names[-8:] == ["pool5", "flatten", "fc6", "relu6", "fc7", "relu7", "fc8", "prob"]
    assert not opened.model.get_layer("preprocessing").trainable
    assert isinstance(opened.model.get_layer("fc6"), keras.layers.Dense)


@pytest.mark.parametrize("order", kernel_order.ORDERS)
def test_the_order_of_the_kernels_axes_is_as_asked(tmp_path, order):
    mat = written(tmp_path / "vgg.mat", vgg19("old"))
    assert import_matconvnet(mat, tmp_path / "vgg.h5", order).order == order
    x = picture(224, 224)
    expected = forward(mat, x, is_transposed=order == kernel_order.WIDTH_FIRST)
    assert compare(open_model(tmp_path / "vgg.h5").model, expected, x) == SEEN + 6


def test_the_public_files_are_known_by_their_content(tmp_path, monkeypatch):
    mat = written(tmp_path / "vgg.mat", vgg19("old"))
    monkeypatch.setattr(kernel_order, "PUBLIC", {hashlib.md5(mat.read_bytes()).hexdigest()})
    assert import_matconvnet(mat, tmp_path / "vgg.keras").order == kernel_order.HEIGHT_FIRST


@pytest.mark.real
def test_vgg16_as_matconvnet_has_it_gives_what_keras_weights_give(tmp_path, weights_file):
    weights = verify_weights(weights_file, "vgg16")
    mean = np.array([123.68, 116.779, 103.939]).reshape(1, 1, 3)
    layers = list(_vgg16(weights))
    variables = {"layers": cell(*layers), "normalization": {"averageImage": mean, "imageSize": [[64.0, 96, 3]]}}
    scipy.io.savemat(tmp_path / "vgg16.mat", variables)
    done = import_matconvnet(tmp_path / "vgg16.mat", tmp_path / "vgg16.keras")
    assert (done.order, done.classes) == (kernel_order.HEIGHT_FIRST, 0)
    ours = build_classifier("vgg16", (64, 96), 2, kind="vgg", weights=weights)
    wanted = keras.Model(ours.inputs[0], ours.get_layer("block5_pool").output)
    opened = open_model(tmp_path / "vgg16.keras")
    assert opened.description is None
    x = picture(64, 96)[None]
    assert np.abs(opened.model(x).numpy() - wanted(x).numpy()).max() < 1e-3 * wanted(x).numpy().max()


def _vgg16(weights: dict[str, list[np.ndarray]]) -> Iterator[dict[str, Any]]:
    """As MatConvNet's converter writes it: height first, and the colours of the first kernel in the order of RGB."""
    for name, (kernel, bias) in weights.items():
        block, number = name[5], name[-1]
        pair = cell(kernel[:, :, ::-1] if name == "block1_conv1" else kernel, bias[None])
        yield {"name": f"conv{block}_{number}", "type": "conv", "weights": pair, "pad": [[1.0] * 4]}
        yield {"name": f"relu{block}_{number}", "type": "relu"}
        if number == ("2" if block in "12" else "3"):
            two = np.array([[2.0, 2.0]])
            yield {"name": f"pool{block}", "type": "pool", "pool": two, "stride": two, "method": "max"}


@pytest.mark.very_slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_vgg19_in_its_real_shape_is_imported(tmp_path, layout):
    mat = written(tmp_path / "vgg.mat", vgg19(layout, REAL, 4096, 1000))
    done = import_matconvnet(mat, tmp_path / "vgg.keras")
    assert (done.layers, done.parameters, done.classes) == (43, 143_667_240, 1000)
    x = picture(224, 224).astype(np.float32)
    assert compare(open_model(tmp_path / "vgg.keras").model, forward(mat, x), x) == SEEN + 6


def tiny(**changes: Any) -> Variables:
    """A network of four layers; what is said of one by its name is put in place of its fields."""
    random = np.random.default_rng(0)

    def convolution(name: str, *shape: int) -> dict[str, Any]:
        kernel = random.standard_normal(shape).astype(np.float32)
        return {"name": name, "type": "conv", "weights": cell(kernel, np.zeros((1, shape[-1]), np.float32))}

    layers = [
        {**convolution("conv1", 3, 5, 3, 2), **changes.pop("conv1", {})},
        {"name": "relu1", "type": "relu", **changes.pop("relu1", {})},
        {"name": "pool1", "type": "pool", "pool": [[2.0, 3.0]], "stride": [[2.0, 1.0]], **changes.pop("pool1", {})},
        {**convolution("fc2", 9, 10, 2, 3), **changes.pop("fc2", {})},
        {"name": "prob", "type": "softmax", **changes.pop("prob", {})},
    ]
    besides = {
        "classes": {"name": cell("n1", "n2", "n3"), "description": cell("crane", "crane", "maillot")},
        "normalization": {"averageImage": np.full((1, 1, 3), 9.0), "imageSize": [[20.0, 16, 3]]},
    }
    return {"layers": cell(*layers), **besides, **changes}


def made(folder: Path, **changes: Any) -> Imported:
    scipy.io.savemat(folder / "a.mat", tiny(**changes))
    return import_matconvnet(folder / "a.mat", folder / "a.keras", "height-first")


def test_kernels_need_not_be_square_and_equal_class_names_are_told_apart(tmp_path):
    made(tmp_path)
    opened = open_model(tmp_path / "a.keras")
    shapes = [layer.output.shape[1:] for layer in opened.model.layers]
    assert shapes == [(20, 16, 3), (20, 16, 3), (18, 12, 2), (18, 12, 2), (9, 10, 2), (180,), (3,), (3,)]
    assert opened.description.class_names == ("crane (n1)", "crane (n2)", "maillot")


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "another kind of layer": ({"relu1": {"type": "lrn", "param": [[5.0, 1, 1, 1]]}}, "relu1 has the type lrn"),
    "a leaking relu": ({"relu1": {"leak": 0.1}}, "leak 0.1"),
    "a dilated kernel": ({"conv1": {"dilate": 2.0}}, r"dilation \(2, 2\)"),
    "groups": ({"conv1": {"weights": cell(np.zeros((3, 5, 1, 2), np.float32))}}, "conv1 has the arrays"),
    "an uneven pad": ({"conv1": {"pad": [[1.0, 0, 0, 0]]}}, r"pad \(1, 0, 0, 0\)"),
    "a pad around a pool": ({"pool1": {"pad": [[1.0, 1, 1, 1]]}}, r"pool1 has the pad"),
    "another pooling": ({"pool1": {"method": "sum"}}, "method sum"),
    "one name twice": ({"relu1": {"name": "conv1"}}, "names of their own"),
    "a name of ours": ({"relu1": {"name": "flatten"}}, "names of their own"),
    "no mean": ({"normalization": {"imageSize": [[20.0, 16, 3]]}}, "mean picture of three colours"),
    "gray pictures": ({"normalization": {"imageSize": [[20.0, 16, 1]], "averageImage": 9.0}}, "of three colours"),
    "huge pictures": ({"normalization": {"imageSize": [[9e4, 16, 3]], "averageImage": 9.0}}, "8 to 2,048 pixels"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_keras_has_no_counterpart_for_is_refused_by_its_name(tmp_path, kind):
    changes, words = WRONG[kind]
    with pytest.raises(ModelFileError, match=f"a.mat` must.*{words}"):
        made(tmp_path, **changes)
    assert not (tmp_path / "a.keras").exists()


def test_names_that_are_not_as_many_as_the_classes_are_left_out(tmp_path):
    assert made(tmp_path, classes={"name": cell("n1", "n2")}).classes == 0
    assert open_model(tmp_path / "a.keras").description is None


def test_a_file_that_claims_more_weights_than_it_has_bytes_is_refused(tmp_path):
    zeros = cell(np.zeros((9, 10, 2, 9000), np.float32), np.zeros((1, 9000), np.float32))
    scipy.io.savemat(tmp_path / "a.mat", tiny(fc2={"weights": zeros}), do_compression=True)
    with pytest.raises(ModelFileError, match="must hold its weights: it claims 1,6"):
        import_matconvnet(tmp_path / "a.mat", tmp_path / "a.keras")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"output": "a.npz"}, r"must end in .keras or .h5, received '.npz'"),
        ({"output": "there.keras"}, "must not be there yet"),
        ({"order": "depth-first"}, "width-first, height-first, received 'depth-first'"),
    ],
)
def test_what_can_not_be_asked_for_is_refused(tmp_path, change, words):
    (tmp_path / "there.keras").write_text("mine")
    with pytest.raises(ConfigError, match=words):
        import_matconvnet(tmp_path / "a.mat", tmp_path / change.get("output", "a.keras"), change.get("order"))
    assert (tmp_path / "there.keras").read_text() == "mine"
