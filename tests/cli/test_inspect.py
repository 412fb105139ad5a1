"""kerasvgg inspect."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import kerasvgg


@pytest.fixture
def network(place) -> Path:
    """A small VGG-like model whose first convolution is frozen."""
    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((20, 24, 3)),
            layers.Conv2D(4, 3, name="first", trainable=False),
            layers.MaxPooling2D(name="pool"),
            layers.Flatten(name="flat"),
            layers.Dense(2, activation="softmax", name="last"),
        ],
        name="small",
    )
    model.compile(keras.optimizers.RMSprop(2e-5), "categorical_crossentropy", metrics=["accuracy"])
    model.save(place / "small.keras")
    return place / "small.keras"


def test_a_model_is_told_layer_by_layer(cli, network) -> None:
    done = cli("inspect", network)
    assert done.status == 0, done.err
    for text in (
        "verdict: safe to open",
        f"a whole model as .keras, Keras {keras.__version__}",
        "model: small, 20x24x3 to 2",
        "parameters: 906, 794 of them trained",
        "training: RMSprop, learning rate 2e-05, loss categorical_crossentropy, metrics accuracy",
        "base: ends with pool; head: flat, last",
    ):
        assert text in done.out
    row = next(line.split() for line in done.out.splitlines() if line.strip().startswith("first"))
    assert row == ["first", "Conv2D", "frozen", "18x22x4", "112"]


def test_a_run_tells_its_experiment(cli, trained) -> None:
    done = cli("inspect", trained)
    assert done.status == 0
    assert "class_names: blue, red" in done.out
    assert "preprocessing: " in done.out
    assert done.out == cli("inspect", trained / "model.keras").out
    assert cli("inspect", trained, "--weights").status == 0
    assert cli("inspect", trained / "model.h5", "--weights").status == 0
    assert "all 6 layers are the same" in cli("inspect", trained, "--diff", trained / "model.h5").out


def test_json_is_facts(cli, network) -> None:
    said = json.loads(cli("inspect", network, "--json").out)
    assert said["format"] == 1
    assert said["parameters"] == 906
    assert said["layers"][1]["output_shape"] == [None, 18, 22, 4]
    assert [array["shape"] for array in said["layers"][4]["arrays"]] == [[396, 2], [2]]
    assert said["training"]["learning_rate"] == pytest.approx(2e-5)
    assert kerasvgg.inspect(network).parameters == 906


def test_the_keys_of_the_json_are_documented(cli, network) -> None:
    page = (Path(kerasvgg.__file__).parents[1] / "docs" / "inspect.md").read_text()

    def keys(said: object) -> set[str]:
        if isinstance(said, list):
            return set().union(*map(keys, said))
        tables = {"settings", "about", "blocks"}
        if isinstance(said, dict):
            return said.keys() | set().union(*(keys(value) for key, value in said.items() if key not in tables))
        return set()

    said = json.loads(cli("inspect", network, "--weights", "--json").out)
    assert {key for key in keys(said) if f"`{key}`" not in page} == set()


def test_one_layer_in_full(cli, network) -> None:
    done = cli("inspect", network, "--layer", "last")
    assert "last: Dense, output 2, trained" in done.out
    assert "396x2, float32" in done.out
    assert "0 not finite, of 792; sha256" in done.out
    missing = cli("inspect", network, "--layer", "lost")
    assert missing.status == 2
    assert "first, pool, flat, last" in missing.err


def test_weights_that_went_wrong_are_named(cli, network, place) -> None:
    model = keras.models.load_model(network, compile=False)
    kernel, bias = model.get_layer("last").get_weights()
    kernel[3, 1], kernel[5, 0] = np.nan, np.inf
    model.get_layer("last").set_weights([kernel, bias])
    model.get_layer("first").set_weights([np.zeros((3, 3, 3, 4)), np.zeros(4)])
    model.save(place / "wrong.h5")
    done = cli("inspect", "wrong.h5", "--weights")
    assert "last, kernel 396x2: 2 of 792 are NaN or infinite" in done.out
    assert "first, kernel 3x3x3x4: all are zero" in done.out
    seen = kerasvgg.inspect("wrong.h5", weights=True).layers[-1].arrays[0].numbers
    finite = kernel[np.isfinite(kernel)].astype(np.float64)
    assert (seen.count, seen.not_finite) == (792, 2)
    assert (seen.mean, seen.std) == pytest.approx((finite.mean(), finite.std()))
    assert (seen.least, seen.most) == (finite.min(), finite.max())


def test_a_difference_says_what_moved(cli, network, place) -> None:
    model = keras.models.load_model(network, compile=False)
    kernel, bias = model.get_layer("last").get_weights()
    moved = kernel.copy()
    moved[7, 1] += 0.5
    model.get_layer("last").set_weights([moved, bias])
    model.save(place / "moved.keras")
    assert cli("inspect", network, "--diff", network).status == 0
    done = cli("inspect", network, "--diff", "moved.keras", "--json")
    assert done.status == 1
    first, last = json.loads(done.out)
    assert (first["name"], first["what"], first["largest"]) == ("first", "same", 0)
    assert (last["name"], last["what"]) == ("last", "weights")
    assert last["largest"] == pytest.approx(0.5)
    assert last["relative"] == pytest.approx(0.5 / np.linalg.norm(kernel))
    assert "1 of 2 layers differ" in cli("inspect", network, "--diff", "moved.keras").out


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_the_layers_are_drawn(cli, network, place, suffix) -> None:
    assert cli("inspect", network, "--plot", f"small.{suffix}").status == 0
    if suffix == "png":
        with Image.open("small.png") as picture:
            assert min(picture.size) > 200
    else:
        text = Path("small.svg").read_text()
        assert "small.keras" in text


def test_what_is_no_model_is_said(cli, network, place) -> None:
    Path("page.h5").write_text("<!DOCTYPE html><title>404</title>")
    Path("empty.h5").write_bytes(b"")
    Path("pickle.h5").write_bytes(b"\x80\x04\x95")
    os.mkfifo("pipe.h5")
    for name, text in (
        ("page.h5", "a web page"),
        ("empty.h5", "an empty file"),
        ("pickle.h5", "a Python pickle, which runs code"),
        ("pipe.h5", "a pipe"),
        ("nothing.h5", "No such file"),
    ):
        done = cli("inspect", name)
        assert done.status == 2
        assert name in done.err
        assert text in done.err


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("kept", [0.99, 0.5, 0.1])
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_what_is_cut_off_is_never_called_safe(cli, network, place, kept, suffix) -> None:
    keras.models.load_model(network, compile=False).save(f"whole{suffix}")
    whole = Path(f"whole{suffix}").read_bytes()
    Path(f"cut{suffix}").write_bytes(whole[: int(len(whole) * kept)])
    done = cli("inspect", f"cut{suffix}")
    assert done.status == 1
    assert "verdict: could not be read to the end" in done.out


def test_changed_weights_in_the_archive_are_noticed(cli, network, place) -> None:
    content = bytearray(network.read_bytes())
    kernel = keras.models.load_model(network, compile=False).get_layer("last").get_weights()[0].tobytes()
    content[content.index(kernel)] ^= 1
    network.write_bytes(content)
    done = cli("inspect", network, "--weights")
    assert done.status == 1
    assert "verdict: could not be read to the end" in done.out
    assert "CRC" in done.out


@pytest.mark.slow
def test_a_network_of_matconvnet_is_told(cli, place) -> None:
    from scipy.io import savemat

    def struct(**fields: object) -> np.ndarray:
        found = np.empty((1, 1), dtype=[(name, object) for name in fields])
        found[0, 0] = tuple(fields.values())
        return found

    draw, layers, inputs = np.random.default_rng(0), [], 3
    for block, (filters, count) in enumerate(((64, 2), (128, 2), (256, 4), (512, 4), (512, 4)), start=1):
        for i in range(1, count + 1):
            weights = np.empty((1, 2), dtype=object)
            weights[0, 0] = draw.normal(size=(3, 3, inputs, filters)).astype("f4")
            weights[0, 1] = np.full((1, filters), 0.5, "f4")
            layers += [struct(type="conv", name=f"conv{block}_{i}", weights=weights, pad=1.0, stride=1.0)]
            layers += [struct(type="relu", name=f"relu{block}_{i}")]
            inputs = filters
        layers += [struct(type="pool", name=f"pool{block}", pool=[2.0, 2.0], stride=2.0, pad=0.0, method="max")]
    row = np.empty((1, len(layers)), dtype=object)
    row[0, :] = layers
    picture = np.full((224, 224, 3), 100.0, "f4")
    savemat("net.mat", {"layers": row, "normalization": struct(averageImage=picture)}, do_compression=True)
    done = cli("inspect", "net.mat", "--weights")
    assert done.status == 0, done.err
    assert "VGG: column E (VGG19)" in done.out
    assert "base: ends with pool5; no head" in done.out
    assert "mean_picture: 224x224x3" in done.out
    rows = [line.split() for line in done.out.splitlines() if "[3x3x" in line]
    assert [row[0] for row in rows] == [layer[0, 0]["name"] for layer in layers if layer[0, 0]["type"] == "conv"]
    first = kerasvgg.inspect("net.mat", weights=True).layers[0].arrays[0].numbers
    assert first.mean == pytest.approx(layers[0][0, 0]["weights"][0, 0].mean(dtype="f8"))
    assert len(kerasvgg.inspect("net.mat").layers) == 37


def test_no_library_that_computes_is_loaded(network, environment) -> None:
    code = (
        "import sys\nfrom kerasvgg.__main__ import main\ntry: main()\nfinally: sys.stderr.write(' '.join(sys.modules))"
    )
    command = [sys.executable, "-c", code, "inspect", str(network)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert not loaded & {"tensorflow", "keras", "numpy", "h5py", "matplotlib"}


@pytest.mark.real
def test_imagenet_is_known_in_any_container(weights_file, place) -> None:
    shutil.copyfile(weights_file, "copy.h5")
    seen = kerasvgg.inspect("copy.h5", weights=True)
    assert seen.findings == (
        "13 of 13 convolutions of VGG16 are ImageNet's to the last bit: the base was never trained",
    )
    base = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
    base.load_weights(weights_file)
    base.trainable = False
    kernel, bias = base.get_layer("block4_conv2").get_weights()
    base.get_layer("block4_conv2").set_weights([kernel, bias + np.float32(1e-6)])
    keras.Sequential([keras.Input((32, 32, 3)), base, keras.layers.Flatten(), keras.layers.Dense(1)]).save(
        "nested.keras"
    )
    first, second = kerasvgg.inspect("nested.keras", weights=True).findings
    assert first.startswith("12 of 13 convolutions")
    assert first.endswith("others: vgg16/block4_conv2")
    assert second == "said to be frozen, yet not ImageNet's: vgg16/block4_conv2"
