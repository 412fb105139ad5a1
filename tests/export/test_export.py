"""Models in other formats: each answers by its own runtime as `kerasvgg predict` does, or is refused."""

import json
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from scenes import scene
from scipy.special import softmax

import kerasvgg
from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.errors import ConfigError, DataError, ModelFileError
from kerasvgg.export import program
from kerasvgg.export.convert import Step, convert
from kerasvgg.export.measure import measure
from kerasvgg.export.proof import prove
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.open.open import OpenedModel
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model

for module in ("onnx", "onnxruntime", "tf2onnx", "ai_edge_litert", "openvino"):
    pytest.importorskip(module, reason="needs the extra `export`")

SIZE = (48, 56)
KERAS = {"bytes": 1, "milliseconds": 1.0, "memory": 1}
CLASSES = ("cat", "dog", "fish")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A flat folder of scenes in sizes of their own."""
    (folder := tmp_path / "seen").mkdir()
    for number in range(24):
        scene(number, (90 + number, 120 - number)).save(folder / f"{number}.jpg", quality=90)
    return folder


def _model(classes: tuple[str, ...] = CLASSES, **more: object) -> OpenedModel:
    """A small CNN with weights as drawn, whose answers differ between pictures."""
    model = build_classifier("small_cnn", SIZE, len(classes), kind="unit", units=(8,), seed=3)
    dense = model.get_layer("head_output")
    kernel, bias = dense.get_weights()
    dense.set_weights([30 * kernel, bias])
    about = Description(classes, SIZE, "bilinear", "unit", "small_cnn", **more)
    return OpenedModel(model, about)


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small CNN, and returns its file."""

    def write(*of: object, **more: object) -> Path:
        opened = _model(*of, **more)
        save_model(opened.model, path := tmp_path / "small.keras", opened.description)
        return path

    return write


def _answers(folder: Path, file: str, pictures: Path) -> dict[str, np.ndarray]:
    """What the program beside an export prints of a folder's pictures, by name."""
    paths = sorted(pictures.iterdir())
    words = [sys.executable, "-I", folder / "predict.py", folder / file, *paths]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    lines = dict(zip(paths, done.stdout.splitlines(), strict=True))
    shares = {path.name: line.rpartition("(")[2].rstrip(")").split(", ") for path, line in lines.items()}
    return {name: np.array([float(one.rpartition(" ")[2]) for one in some]) for name, some in shares.items()}


def _expected(model: Path, pictures: Path) -> dict[str, np.ndarray]:
    found = kerasvgg.predict(model, pictures, engine="graph")
    return {Path(one.path).name: np.array(one.probabilities) for one in found}


def test_an_onnx_file_answers_as_the_model_does(saved: Callable[..., Path], pictures: Path, tmp_path: Path) -> None:
    model = saved(("cat", "dog"), test_time_flip=True)
    made = kerasvgg.export_model(model, ["onnx"], output=tmp_path / "out", pictures=pictures)
    assert [one.file for one in made.files] == [tmp_path / "out" / "model.onnx"]
    assert made.refused == ()
    assert made.files[0].proof.n == made.n == 24
    assert made.files[0].proof.largest < 1e-5
    answers, expected = _answers(tmp_path / "out", "model.onnx", pictures), _expected(model, pictures)
    assert np.ptp([row[0] for row in expected.values()]) > 0.1
    assert all(np.abs(answers[name] - row).max() < 1e-4 for name, row in expected.items())  # four digits are printed
    record = json.loads((tmp_path / "out" / "export.json").read_text())
    assert [(one["format"], one["int8"], one["refusals"]) for one in record["exports"]] == [("onnx", False, [])]
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["export.json", "model.onnx", "predict.py"]


@pytest.mark.slow
def test_each_format_answers_as_the_model_does(saved: Callable[..., Path], pictures: Path, tmp_path: Path) -> None:
    model, out = saved(), tmp_path / "out"
    made = kerasvgg.export_model(
        model, ["savedmodel", "litert", "onnx", "openvino"], int8=True, output=out, pictures=pictures
    )
    assert made.refused == ()
    files = {one.file.name: one for one in made.files}
    assert list(files) == [
        *("model.onnx", "model.int8.onnx", "model.tflite", "model.int8.tflite", "model.xml", "model.int8.xml"),
        "saved_model",
    ]
    expected = _expected(model, pictures)
    for name, one in files.items():
        answers = _answers(out, name, pictures)
        largest = max(np.abs(answers[picture] - row).max() for picture, row in expected.items())
        assert largest < (0.1 if one.int8 else 1e-4)
        assert one.proof.largest == pytest.approx(largest, abs=1e-4)
        assert one.proof.largest < (0.1 if one.int8 else 1e-5)
        if one.int8:
            assert one.proof.largest > 1e-4  # it is int8
            assert one.bytes < 0.5 * files[name.replace(".int8", "")].bytes
            assert one.floats == ("head_output",)
    with zipfile.ZipFile(out / "model.int8.tflite") as archive:
        assert archive.read("labels.txt").decode().split() == list(CLASSES)
    again = tmp_path / "again.onnx"
    convert(Step("onnx", str(again), model=str(model)))
    assert again.read_bytes() == (out / "model.onnx").read_bytes()
    paths = tuple(map(str, pictures_below(pictures)[0]))
    again, given = tmp_path / "again.tflite", {"model": str(model), "pictures": paths, "floats": ("head_output",)}
    convert(Step("rounded kernels", str(tmp_path / "weights.npz"), **given))
    convert(Step("litert in int8", str(again), **given, weights=str(tmp_path / "weights.npz")))
    assert again.read_bytes() == (out / "model.int8.tflite").read_bytes()


def _spoiled(kind: str, onnx_file: Path, folder: Path) -> Path:
    """Returns an ONNX file that says something else: by its calibration, by how it resizes, by its channels."""
    import onnx

    target = folder / f"{kind}.onnx"
    if kind == "black":
        Image.new("RGB", (60, 60)).save(black := folder / "black.png")
        ranges = folder / "ranges.json"
        convert(Step("ranges of activations", str(ranges), source=str(onnx_file), pictures=(str(black),) * 8))
        convert(Step("onnx in int8", str(target), source=str(onnx_file), ranges=str(ranges), floats=("head_output",)))
        return target
    made = onnx.load(onnx_file)
    if kind == "resize":
        about = json.loads(made.metadata_props[0].value)
        made.metadata_props[0].value = json.dumps({**about, "interpolation": "nearest"})
    else:
        first = next(one for one in made.graph.initializer if list(one.dims) == [32, 3, 3, 3])
        turned = onnx.numpy_helper.to_array(first)[:, ::-1]
        first.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(turned), first.name))
    onnx.save(made, target)
    return target


CONVERT = """
import sys
from kerasvgg.export.convert import Step, convert
convert(Step("litert", sys.argv[2], model=sys.argv[1]))
"""


@pytest.mark.slow
def test_a_process_that_converts_ends_with_the_one_that_was_killed(saved: Callable[..., Path], tmp_path: Path) -> None:
    target = tmp_path / "late.tflite"
    parent = subprocess.Popen([sys.executable, "-c", CONVERT, str(saved()), str(target)])
    deadline = time.monotonic() + 60
    while not (children := psutil.Process(parent.pid).children()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    gone, _ = psutil.wait_procs(children, timeout=60)
    assert len(gone) == len(children)
    assert not target.exists()


@pytest.mark.slow
def test_what_is_spoiled_is_refused_each_for_its_reason(
    saved: Callable[..., Path], pictures: Path, tmp_path: Path
) -> None:
    model, onnx_file = saved(), tmp_path / "source.onnx"
    convert(Step("onnx", str(onnx_file), model=str(model)))
    paths = sorted(pictures.iterdir())
    keras = measure(model, None, paths, "Keras")
    said = {"class_names": CLASSES, "thresholds": None}
    for kind in ("black", "resize", "channels"):
        spoiled = measure(_spoiled(kind, onnx_file, tmp_path), Path(program.__file__), paths, kind)
        proof = prove(keras.rows, spoiled.rows, [None] * len(paths), said)
        reasons = proof.refusals(is_int8=kind == "black")
        assert reasons, kind
        assert reasons[0].startswith("a probability moved by "), kind


@pytest.mark.slow
def test_layers_that_spoil_the_answers_stay_in_float32(pictures: Path, tmp_path: Path) -> None:
    opened = _model()
    kernel, bias = opened.model.get_layer("conv2").get_weights()
    bias[0] = 3e4  # a channel so large that its steps, which all channels share, swallow the others
    opened.model.get_layer("conv2").set_weights([kernel, bias])
    following = opened.model.get_layer("conv3")
    kernel, bias = following.get_weights()
    kernel[:, :, 0] = 0
    following.set_weights([kernel, bias])
    made = kerasvgg.export_model(opened, ["onnx"], int8=True, output=tmp_path / "out", pictures=pictures)
    assert made.refused == ()
    assert {"conv3", "head_output"} <= set(made.files[1].floats)
    assert "conv1" not in made.files[1].floats
    assert made.files[1].proof.largest <= 0.1


@pytest.mark.slow
def test_class_maps_average_to_the_logits_but_for_their_bias(pictures: Path, tmp_path: Path) -> None:
    model = build_classifier("small_cnn", SIZE, 3, kind="unit", units=(), pooling="average", seed=2)
    save_model(model, path := tmp_path / "averaged.keras", Description(CLASSES, SIZE, "bilinear", "unit", "small_cnn"))
    convert(Step("onnx", str(onnx_file := tmp_path / "averaged.onnx"), model=str(path)))
    import onnxruntime

    session = onnxruntime.InferenceSession(onnx_file)
    pixels = np.stack([program.read(one, program.Model(onnx_file).about) for one in sorted(pictures.iterdir())[:4]])
    probabilities, maps = session.run(["probabilities", "class_maps"], {"pictures": pixels.astype(np.float32)})
    assert maps.ndim == 4
    assert np.ptp(maps) > 1e-3
    logits = maps.mean(axis=(1, 2)) + model.get_layer("head_output").get_weights()[1]
    assert np.abs(softmax(logits, axis=1) - probabilities).max() < 1e-5


@pytest.mark.slow
def test_what_is_refused_is_not_kept_unless_asked_for(
    saved: Callable[..., Path], pictures: Path, tmp_path: Path
) -> None:
    how = {"output": tmp_path / "out", "pictures": pictures, "max_shift": 1e-12}
    made = kerasvgg.export_model(model := saved(), ["onnx"], **how, keep_anyway=True)
    assert [one.file for one in made.refused] == [tmp_path / "out" / "model.onnx"]
    assert made.refused[0].file.is_file()
    record = json.loads((path := tmp_path / "out" / "export.json").read_text())
    record["exports"].append({**record["exports"][0], "format": "litert", "max_shift": 0.1})
    path.write_text(json.dumps(record))
    made = kerasvgg.export_model(model, ["onnx"], **how)
    assert [one.file for one in made.refused] == [None]
    assert not (tmp_path / "out" / "model.onnx").exists()
    kept = [(one["format"], one["file"], one["max_shift"]) for one in json.loads(path.read_text())["exports"]]
    assert kept == [("litert", "model.onnx", 0.1), ("onnx", None, 1e-12)]


def test_other_files_and_other_models_exports_stay(saved: Callable[..., Path], tmp_path: Path, pictures: Path) -> None:
    (out := tmp_path / "out").mkdir()
    (out / "model.onnx").write_text("mine")
    with pytest.raises(ConfigError, match="`--output` must be a new folder, an empty one, or one of exports"):
        kerasvgg.export_model(saved(), ["onnx"], output=out, pictures=pictures)
    for damaged in (
        "[" * 10_000,
        "null",
        '{"identity": 1}',
        json.dumps({"identity": "", "model": "", "exports": [{}]}),
    ):
        (out / "export.json").write_text(damaged)
        with pytest.raises(ConfigError, match="`--output` must be a new folder, an empty one, or one of exports"):
            kerasvgg.export_model(saved(), ["onnx"], output=out, pictures=pictures)
    (out / "export.json").write_text(json.dumps({"identity": "another", "model": "runs/other/1", "keras": KERAS}))
    with pytest.raises(ConfigError, match=r"must not hold exports of another model, received .* with runs/other/1's"):
        kerasvgg.export_model(saved(), ["onnx"], output=out, pictures=pictures)
    assert (out / "model.onnx").read_text() == "mine"


def test_what_cannot_be_asked_for_is_said(saved: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"`--to` must be among onnx, litert, .* received 'onx'; did you mean `onnx`"):
        kerasvgg.export_model(saved(), ["onx"])
    with pytest.raises(ConfigError, match="`--int8` must go together with one of onnx, litert, openvino"):
        kerasvgg.export_model(saved(), ["savedmodel"], int8=True)
    with pytest.raises(ConfigError, match="`--int8` needs `--pictures FOLDER` for a model file"):
        kerasvgg.export_model(saved(), ["onnx"], int8=True)
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="`--pictures` must hold at least one picture, received none"):
        kerasvgg.export_model(saved(), ["onnx"], pictures=tmp_path / "none")


def test_a_missing_package_is_named_with_what_installs_it(
    saved: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasvgg.export.formats.find_spec", lambda name: None if name == "openvino" else True)
    with pytest.raises(ConfigError, match=r"an export needs openvino, not installed: `pip install 'kerasvgg\[export"):
        kerasvgg.export_model(saved(), ["openvino"])


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Writes a model of plain Keras, which says nothing of itself."""
    import keras

    def write(shape: tuple[int | None, ...], units: int = 4) -> Path:
        layers = keras.layers
        taken = keras.Input(shape)
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 255)(taken)))
        model = keras.Model(taken, layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")(x))
        model.save(path := tmp_path / "foreign.keras")
        return path

    return write


@pytest.mark.slow
def test_a_strangers_gray_model_is_proven_on_drawn_pictures(foreign: Callable[..., Path], tmp_path: Path) -> None:
    made = kerasvgg.export_model(foreign((28, 28, 1)), ["onnx"], output=tmp_path / "out")
    assert (made.part, made.n, made.refused) == ("", 16, ())
    assert made.files[0].proof.largest < 1e-5


@pytest.mark.slow
def test_what_is_no_classifier_of_pictures_of_one_size_is_told(foreign: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="the model must take pictures of one size"):
        kerasvgg.export_model(foreign((None, None, 3)), ["onnx"], output=tmp_path / "out")
    assert not (tmp_path / "out").exists()
