"""kerasvgg show: what its commands draw, where that goes, and what they say to mistakes."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from kerasvgg.cli.show.output import Target
from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.augmentation.views import AugmentedPictures
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.models.save import save_model
from kerasvgg.runs.pictures import run_pictures

CORPUS = Path(__file__).parents[1] / "corpus"
AUGMENT = "augment: {rotation_range: 40, horizontal_flip: true}\n"
VARIANTS = "variants:\n  turned: {augment: {rotation_range: 40}}\n  plain: {}\n"
DRAWN = {
    "activations": ["activations-blue.9.png"],
    "activations --layer conv1 --layer pool2": ["activations-blue.9-conv1.png", "activations-blue.9-pool2.png"],
    "activations --channel 0 --dark": ["activations-blue.9-channel.0-dark.png"],
    "activations --image-size 60 80": ["activations-blue.9-size.60x80.png"],
    "heatmap": ["heatmap-blue.9.png"],
    "heatmap --class red": ["heatmap-blue.9-class.red.png"],
    "heatmap --class 1 --layer conv2 --check": ["heatmap-blue.9-class.1-layer.conv2-check.png"],
    "kernels --common-scale": ["kernels-conv1-common_scale.png"],
    "filters --layer conv2 --filters 0-2,5 --steps 1 --side 32 --method chapter": [
        "filters-conv2-filters.0-2.5-method.chapter-steps.1-side.32.png"
    ],
    "filters --layer conv4 --steps 1": ["filters-conv4-steps.1.png"],
    "filters --layer head_output --steps 1": ["filters-head_output-steps.1.png"],
}


@pytest.fixture
def run(trained, tmp_path):
    """A run folder of one's own, whose experiment says where its pictures are."""
    folder = tmp_path / "run"
    shutil.copytree(trained, folder)
    text = (folder / "experiment.yaml").read_text()
    root = trained.parents[2]
    (folder / "experiment.yaml").write_text(text.replace("dataset: pictures", f"dataset: {root / 'pictures'}"))
    return folder


@pytest.fixture
def own(place):
    """A model file from elsewhere, which says nothing of itself, and a picture."""
    inner = keras.Sequential([keras.Input((24, 24, 3)), keras.layers.Conv2D(4, 3, activation="relu", name="conv")])
    head = [keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax", name="classes")]
    save_model(keras.Sequential([keras.Input((24, 24, 3)), inner, *head]), place / "own.h5", None)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)).save(place / "a b.png")
    return place


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize(("words", "names"), DRAWN.items())
def test_pictures_of_a_run_go_into_its_folder(cli, run, words, names):
    command, *options = words.split()
    done = cli("show", command, run, *options)
    assert done.status == 0, done.err
    pictures = run / "pictures"
    assert sorted(path.name for path in pictures.iterdir()) == names
    assert done.out.splitlines()[-len(names) :] == [str(pictures / name) for name in names]
    for name in names:
        with Image.open(pictures / name) as picture:
            assert picture.width > 200


@pytest.mark.slow
def test_the_first_test_picture_is_taken_and_any_other_by_its_name_in_the_split(cli, run):
    assert cli("show", "heatmap", run, "red/3.png").status == 0
    assert cli("show", "heatmap", run, run.parent / "mine.png").status == 2
    Image.new("RGB", (99, 55), "red").save(run.parent / "mine.png")
    assert cli("show", "heatmap", run, run.parent / "mine.png").status == 0
    mine = f"heatmap-{run.parent.name}.mine.png"
    assert {path.name for path in (run / "pictures").iterdir()} == {"heatmap-red.3.png", mine}
    split = (run / "split.csv").read_text().splitlines()
    assert next(line for line in split if ",test," in line).startswith("blue/9.png")


@pytest.mark.slow
def test_every_layers_shape_is_printed_at_another_size_too(cli, run):
    done = cli("show", "activations", run, "--image-size", 60, 80)
    rows = {line.split()[0]: line.split()[1:] for line in done.out.splitlines() if len(line.split()) > 3}
    assert rows["conv1"][:5] == ["58", "x", "78", "x", "32"]
    assert rows["pool1"][:5] == ["29", "x", "39", "x", "32"]
    assert done.status == 0
    assert "stopped at head_dense1 (Dense): " in done.err
    assert "head_output" not in done.out


@pytest.mark.slow
def test_a_file_from_elsewhere_is_drawn_here_and_told_what_is_assumed(cli, own):
    done = cli("show", "activations", "own.h5", "a b.png")
    assert (done.status, done.out.splitlines()[-1]) == (0, "activations-own-a.b.png")
    assert "own.h5 does not say what it wants of its pixels" in done.err
    done = cli("show", "heatmap", "own.h5", "a b.png", "--preprocessing", "vgg", "--output", "deep/x.svg", "--dark")
    assert (done.status, done.err) == (0, "")
    text = (own / "deep" / "x.svg").read_text()
    assert "Grad-CAM at sequential" in text
    assert "/conv, each" in text
    assert cli("show", "kernels", "own.h5", "--layer", "conv").status == 0


@pytest.mark.slow
def test_several_layers_share_an_output_by_their_names(cli, run, place):
    done = cli("show", "activations", run, "--layer", "all", "--output", "maps.svg", "--most", 1)
    assert done.status == 0
    assert {f"maps-{name}{i}.svg" for name in ("conv", "pool") for i in range(1, 5)} == {
        path.name for path in place.glob("*.svg")
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["keras122_nested_vgg16", "keras208_small_cnn"])
def test_files_of_old_keras_are_shown(name, cli, place, monkeypatch):
    monkeypatch.syspath_prepend(CORPUS)
    from corpus import unpack

    model = unpack(name, place)
    Image.new("RGB", (64, 64), "green").save(place / "green.png")
    done = cli("show", "heatmap", model, "green.png", "--preprocessing", "unit")
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize("engine", ["both", "tfdata"])
def test_augmentations_of_an_experiment_are_drawn_by_either_engine(cli, tiny, engine):
    Path(tiny).write_text(Path(tiny).read_text() + AUGMENT)
    done = cli("show", "augmentations", tiny, "--engine", engine, "--views", 3, "--output", "views.svg")
    assert (done.status, done.out) == (0, "views.svg\n")
    text = Path("views.svg").read_text()
    assert "rotation_range 40" in text
    assert ("the engines differ by at most" in text) == (engine == "both")
    assert text.count("<image ") == (8 if engine == "both" else 4)


@pytest.mark.slow
def test_augmentations_of_a_run_and_of_a_variant_are_drawn(cli, run, tiny):
    (run / "experiment.yaml").write_text((run / "experiment.yaml").read_text().replace("augment: null\n", AUGMENT))
    done = cli("show", "augmentations", run, "red/2.png")
    assert (done.status, done.out) == (0, f"{run / 'pictures' / 'augmentations-red.2.png'}\n")
    Path(tiny).write_text(Path(tiny).read_text() + VARIANTS)
    assert cli("show", "augmentations", tiny, "cat/2.png", "--variant", "turned", "--views", 1).status == 0
    done = cli("show", "augmentations", tiny)
    assert (done.status, done.err) == (2, "`--variant` must be one of turned, plain, received none\n")
    done = cli("show", "augmentations", tiny, "--variant", "plain")
    assert done.status == 2
    assert "`augment` must be in tiny.yaml" in done.err


MISTAKES = {
    "show heatmap RUN --class blu": "must be one of blue, red, received 'blu'; did you mean `blue`?",
    "show heatmap RUN --layer conv9": "received 'conv9'; did you mean `conv",
    "show heatmap RUN rde/3.png": "did you mean `red/3.png`?",
    "show heatmap RUN --output x.gif": "`--output` must end in .png or .svg, received x.gif",
    "show heatmap RUN tiny.yaml": "tiny.yaml: not a picture",
    "show heatmap RUN --preprocessing unit": "`--preprocessing` must be left out",
    "show heatmap RUN/model.keras": "`IMAGE` must be a picture's file, since",
    "show heatmap none.keras x.png": "`none.keras` must be a run folder or a model file",
    "show heatmap pictures x.png": "`pictures` must be a run folder",
    "show activations RUN --layer cnv1": "did you mean `conv1`?",
    "show activations RUN --layer conv1 --channel 2": "exclude each other",
    "show activations RUN --channel 999": "`--channel` must be below 128, received 999",
    "show activations RUN --image-size 7 9999": "sides of 8 to 1,024 pixels, received 7 x 9999",
    "show activations RUN --output x.pdf": "received x.pdf",
    "show filters RUN --layer conv1 --filters 30-40 --steps 1": "numbers from 0 to 31 for conv1, received 30, 31",
    "show filters RUN --layer conv1 --filters a-b": "numbers and ranges, as 3,8,20-25, received 'a-b'",
    "show filters RUN --layer conv1 --filters 5-2": "received '5-2'",
    "show kernels RUN --layer conv2": "received conv2 on 32",
    "show augmentations RUN": "`augment` must be in",
    "show filters RUN --layer conv1 --step-size 0": "`--step-size` must be above 0, received 0.0",
    "show filters RUN --layer head_output --side 99": "`--side` must be a size that the layers take, received 99",
    "show augmentations tiny.yaml --engine x": "`augment` must be in tiny.yaml",
    "show augmentations none.yaml": "none.yaml: there is no such file",
}


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("words", MISTAKES)
def test_mistakes_are_told_in_one_line_and_nothing_is_drawn(cli, run, tiny, words, place):
    done = cli(*(word.replace("RUN", str(run)) for word in words.split()))
    assert done.status == 2
    assert MISTAKES[words] in done.err
    assert len(done.err.splitlines()) == 1
    assert not (run / "pictures").exists()
    assert not [*place.glob("*.png"), *place.glob("*.svg")]


def test_of_a_fixed_number_all_views_are_drawn_that_training_has(cli, run, monkeypatch):
    """Of the first training picture; those that the pipeline makes."""
    drawn = []
    monkeypatch.setattr("kerasvgg.plots.tiles.draw_views", lambda image, views, path, **_: drawn.append((image, views)))
    text = (run / "experiment.yaml").read_text()
    text = text.replace("augment: null\n", AUGMENT).replace("augment_copies: fresh", "augment_copies: 3")
    (run / "experiment.yaml").write_text(text)
    done = cli("show", "augmentations", run)
    assert done.status == 0
    first = next(picture for picture in run_pictures(RunFolder(run)) if picture.split == "train")
    assert done.out == f"{run / 'pictures' / 'augmentations-'}{first.name.replace('/', '.')}\n"
    (image, views), size = drawn[0], drawn[0][0].shape[:2]
    one = FilePictures([first.path], [0], [content_hash(first.path)], Resizing(size))
    trained = AugmentedPictures(one, Augmentation(rotation_range=40, horizontal_flip=True), 3, seed=1)
    np.testing.assert_array_equal(views["tfdata"], trained.load(np.arange(3)))
    np.testing.assert_array_equal(image, one.load(np.arange(1))[0])
    done = cli("show", "augmentations", run, "--views", 4)
    assert done.err == "`--views` must be at most 3, the experiment's `augment_copies`, received 4\n"


def test_an_engine_that_is_not_there_is_told(cli, tiny):
    Path(tiny).write_text(Path(tiny).read_text() + AUGMENT)
    done = cli("show", "augmentations", tiny, "--engine", "keras")
    assert done.err == "`--engine` must be tfdata, imagedatagenerator or both, received 'keras'\n"
    Path(tiny).write_text(Path(tiny).read_text().replace("  batch_size", "  fit: pad\n  batch_size"))
    done = cli("show", "augmentations", tiny, "--engine", "both")
    assert done.err == "`--engine` must be tfdata with `data.fit: pad`, received 'both'\n"


@pytest.mark.slow
def test_models_that_take_gray_pictures_are_given_some_and_others_than_pictures_refused(cli, place):
    gray = [keras.Input((20, 20, 1)), keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten()]
    save_model(keras.Sequential([*gray, keras.layers.Dense(2)]), place / "gray.keras", None)
    save_model(keras.Sequential([keras.Input((7,)), keras.layers.Dense(2)]), place / "numbers.keras", None)
    Image.new("RGB", (20, 20), "white").save("white.png")
    for kind, scale in (("", "255"), ("gray", "1"), ("half", "1")):
        words = ["--preprocessing", kind] if kind else []
        done = cli("show", "activations", "gray.keras", "white.png", "--output", "x.svg", *words)
        assert done.status == 0
        assert ("they are given in gray, 0 to 255" in done.err) == (not kind)
        assert f"{scale} to {scale}" in Path("x.svg").read_text()
    assert cli("show", "kernels", "gray.keras").status == 0
    done = cli("show", "kernels", "gray.keras", "--preprocessing", "vgg")
    assert (done.status, done.err) == (
        2,
        "`--preprocessing` must be one of gray, unit, half for a model on 1 channel, received 'vgg'\n",
    )
    done = cli("show", "kernels", "numbers.keras")
    assert "must take one picture, height x width x 3 or 1" in done.err


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("command", ["activations", "heatmap"])
def test_a_model_of_any_size_needs_one(cli, place, command):
    Image.new("RGB", (20, 20), "red").save("red.png")
    model = [keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3), keras.layers.GlobalAveragePooling2D()]
    save_model(keras.Sequential(model), place / "any.keras", None)
    done = cli("show", command, "any.keras", "red.png")
    assert done.status == 2
    assert "`--image-size` must be given" in done.err
    done = cli("show", command, "any.keras", "red.png", "--image-size", 30, 20)
    assert (done.status, done.out.splitlines()[-1]) == (0, f"{command}-any-red-size.30x20.png")


@pytest.mark.slow
def test_other_models_and_folders_have_pictures_of_their_own(cli, own):
    for model, folder in (("own", "cat"), ("own", "dog"), ("other", "dog")):
        (own / folder).mkdir(exist_ok=True)
        shutil.copy(own / "a b.png", own / folder / "1.png")
        if model == "other":
            shutil.copy(own / "own.h5", own / "other.h5")
        assert cli("show", "heatmap", f"{model}.h5", f"{folder}/1.png").status == 0
    drawn = {path.name for path in own.glob("heatmap-*")}
    assert drawn == {f"heatmap-{name}.1.png" for name in ("own-cat", "own-dog", "other-dog")}


def test_a_long_list_makes_a_name_that_a_file_may_have(place):
    target = Target(None, place / "own.h5")
    names = {target.path("filters", "猫" * 50, filters="1," * count).name for count in (1, 200, 300)}
    assert len(names) == 3
    assert max(len(name.encode()) for name in names) < 200


@pytest.mark.parametrize("command", ["heatmap", "activations", "kernels", "filters", "augmentations"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_opened(cli, run, place, command):
    (place / "file").write_text("")
    (place / "folder.png").mkdir()
    words = ["--layer", "none"] if command == "filters" else []
    for output, why in (("file/x.png", "Not a directory"), ("folder.png", "Is a directory"), ("x" * 300 + ".png", "")):
        done = cli("show", command, "nothing.here", *words, "--output", output)
        assert done.status == 2
        assert done.err.startswith(f"`--output` must be a file that can be written, received {output}: {why}")
    (run / "pictures").write_text("")
    done = cli("show", command, run, *words)
    told = f"`--output` must be a file that can be written, received none, and {run / 'pictures'} is not: "
    assert done.err == f"{told}Not a directory\n"


def test_help_and_mistakes_load_no_tensorflow(run):
    tell = "import atexit, sys\natexit.register(lambda: sys.stderr.write(' '.join(sys.modules)))\n"
    for words in (["--help"], ["heatmap", "--help"], ["heatmap", str(run), "--output", "x.gif"]):
        code = f"{tell}from kerasvgg.__main__ import main\nmain()"
        command = [sys.executable, "-c", code, "show", *words]
        env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        assert not {"tensorflow", "keras"} & set(done.stderr.split()), words


@pytest.mark.slow
def test_the_measurement_of_heatmaps_says_what_is_lost_and_how_alike_they_are(run, capsys, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2])
    from benchmarks.heatmaps import main

    main(run, images=3, seed=0)
    lines = capsys.readouterr().out.splitlines()
    rows = {cells[1].strip(): cells[2:] for cells in (line.split("|") for line in lines if line.startswith("|"))}
    assert {"the hottest 20 %", "the same form elsewhere", "random cells, 20 %"} < rows.keys()
    assert re.fullmatch(r" [0-3] of [0-3] +", rows["the same form elsewhere"][1])
    assert re.match(r"rank correlation with randomised models: mean -?0\.\d{3}", lines[6])
