"""What each command does when all is well."""

import csv
import io
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import kerasvgg
from kerasvgg.config.shipped import shipped
from kerasvgg.files.run_folder import RunFolder

FAST = ("data.image_size=[32, 32]",)
SMALL_HEAD = ("train.0.layers='*'", "model.head.units=8", "model.preprocessing=unit")
VARIANTS = (
    "default: [a, a-much-longer-name]\nvariants:\n  a: {}\n  a-much-longer-name: {seed: 2}\n  unasked: {seed: 3}\n"
)
# Whoever runs the tests in the background lets their processes ignore Ctrl-C.
INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from kerasvgg.__main__ import main
main()
"""


def test_the_version_is_printed(cli: Callable) -> None:
    assert cli("--version") == (0, f"{kerasvgg.__version__}\n", "")


def test_a_command_that_is_not_there_ends_with_status_2(cli: Callable) -> None:
    done = cli("trian")
    assert (done.status, done.out) == (2, "")
    assert "No such command 'trian'" in done.err


def test_ls_of_an_empty_place_has_only_what_comes_with_kerasvgg(cli: Callable, standing: Callable) -> None:
    done = cli("ls")
    assert (done.status, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines() if line.strip(" ─")]
    assert rows[0] == ["experiment", "what", "it", "does"]
    assert [row[0] for row in rows[1:-1]] == list(shipped())
    assert rows[-1] == ["run", "split", *["accuracy", "(95", "%", "interval)"], "test", "seen"]
    assert standing() == {}


def test_ls_shows_experiments_and_runs_uncut(cli: Callable, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    Path("experiments/deep").mkdir(parents=True)
    name, what = "experiments/deep/a [bold]b :cat:.yaml", "A [red]long[/red] line that says :dog: what it does " * 2
    Path(name).write_text(f"# yaml-language-server: $schema=x\n# {what}\n")
    Path("experiments/binary.yaml").write_bytes(b"\xff\xfe")
    shutil.copytree(trained, "runs/tiny/10")
    for number, figures in (("2", None), ("1", "{}"), ("3", "[]"), ("4", '{"split": "test", "accuracy": "x", "n": 1}')):
        shutil.copytree(trained, f"runs/tiny/{number}")
        Path(f"runs/tiny/{number}/metrics.json").unlink()
        if figures:
            Path(f"runs/tiny/{number}/metrics.json").write_text(figures)
    done = cli("ls")
    assert (done.status, done.err) == (0, "")
    assert name in done.out
    assert what.strip() in done.out
    assert [line.split() for line in done.out.splitlines() if "runs/" in line] == [
        *([f"runs/tiny/{number}", "unfinished"] for number in (1, 2, 3, 4)),
        ["runs/tiny/10", "test", *["100.0", "%", "(61.0", "to", "100.0),", "n", "6"]],
    ]


def _class_folders(make: Callable, root: Path) -> None:
    make(root=root)


def _flat(make: Callable, root: Path) -> None:
    make(root=root, flat=True)


def _split(make: Callable, root: Path) -> None:
    for part in ("train", "validation", "test"):
        make(root=root / part, per_class=4)


@pytest.mark.sampled(slow=3)
@pytest.mark.parametrize(
    ("lay", "name"),
    [
        (_class_folders, 'it\'s "mine"'),
        (_flat, "фото: köttbullar #1"),
        (_split, "a - {b: c} & 100 %"),
    ],
    ids=["class folders", "flat", "split"],
)
def test_init_writes_an_experiment_that_is_valid_and_runs(
    cli: Callable, class_folders: Callable, untrained_vgg16: None, lay: Callable, name: str
) -> None:
    lay(class_folders, Path(name))
    assert (
        cli("init", name).out
        == "experiment.yaml: 24 files of 2 classes (cat, dog)\nnext: kerasvgg run experiment.yaml\n"
    )
    assert cli("validate", "experiment.yaml") == (0, "experiment.yaml: valid (1 experiment)\n", "")
    done = cli("run", "experiment.yaml", *FAST)
    assert done.status == 0
    assert Path("runs/experiment/1/model.keras").is_file()
    assert f"{24:,} pictures of 2 classes" in done.err


@pytest.mark.slow
def test_what_init_writes_runs_on_a_folder_full_of_copies(
    cli: Callable, class_folders: Callable, untrained_vgg16: None
) -> None:
    class_folders(root=Path("pets"), per_class=12)
    for path in [*Path("pets").rglob("*.png")]:
        shutil.copy(path, path.with_name(f"copy of {path.name}"))
    shutil.copy(Path("pets/cat/0.png"), Path("pets/dog/a cat.png"))
    assert cli("init", "pets").status == 0
    done = cli("run", "experiment.yaml", *FAST)
    assert done.status == 0, done.err
    assert "left out: cat/0.png: the same file is in another class: dog/a cat.png" in done.err
    parts = {}
    with Path("runs/experiment/1/split.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            parts.setdefault(row["sha256"], set()).add(row["split"])
    assert len(parts) == 23
    assert all(len(found) == 1 for found in parts.values())


@pytest.mark.parametrize(
    "name", ["null", "1e3", "tilde~", "@home", "a\\b", "end:", "two  blanks ", "digits/../x", "a\u202eb"]
)
def test_init_quotes_whatever_a_folder_is_called(cli: Callable, class_folders: Callable, name: str) -> None:
    from kerasvgg.config.load import load_experiments

    Path("digits").mkdir()
    class_folders(root=Path(name), per_class=2)
    assert cli("init", name, "--output", "new/own.yaml").status == 0
    assert load_experiments("new/own.yaml")[""].data.dataset == str(Path(name))


def test_a_split_is_planned_written_and_recognized(cli: Callable, tiny: str, standing: Callable) -> None:
    words = ("split", "pictures", "made", "--validation", "0.25", "--test", "0.25")
    plan = "train: 12 pictures (6 cat, 6 dog)\nvalidation: 6 pictures (3 cat, 3 dog)\ntest: 6 pictures (3 cat, 3 dog)\n"
    before = standing()
    assert cli(*words, "--dry-run") == (0, f"{plan}nothing written\n", "")
    assert standing() == before
    assert cli(*words) == (0, f"{plan}written to made\n", "")
    written = standing()
    assert len(list(Path("made").rglob("*.png"))) == 24
    assert Path("made/split.csv").read_text().count("\n") == 25
    assert cli(*words) == (0, f"{plan}nothing written: it stands there already\n", "")
    assert standing() == written


@pytest.mark.slow
def test_a_written_split_runs_as_it_is(cli: Callable, tiny: str) -> None:
    assert cli("split", "pictures", "made", "--train", "5", "--validation", "4").status == 0
    done = cli("run", tiny, "data.dataset=made", "data.split=null")
    assert done.status == 0
    assert "(validation, selected on)" in done.out


@pytest.mark.slow
def test_what_is_no_picture_is_told_and_left_out(cli: Callable, tiny: str) -> None:
    Path("pictures/cat/note.txt").write_text("a note")
    told = "left out: cat/note.txt: not a picture"
    done = cli("split", "pictures", "made", "--validation", "0.25")
    assert (done.status, done.err[: len(told)]) == (0, told)
    done = cli("run", tiny)
    assert done.status == 0
    assert told in done.err.splitlines()[1]  # after what was taken for the experiment


@pytest.mark.slow
def test_run_prints_its_table_uncut_on_a_narrow_terminal(
    cli: Callable, tiny: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    name = "an experiment with a [rather] long name"
    Path(tiny).rename(f"{name}.yaml")
    done = cli("run", f"{name}.yaml")
    assert done.status == 0
    lines = [line for line in done.out.splitlines() if line.strip()]
    heading, _, row, report, _, cat, dog, *rest, curves, page = lines
    assert re.split(" {2,}", report.strip()) == ["class", "precision", "recall (95 % interval)", "f1", "pictures"]
    assert [line.split()[0] for line in (cat, dog)] == ["cat", "dog"]
    assert rest[-2].startswith("calibration: expected error ")
    assert re.fullmatch(rf"{re.escape(name)}: validation [\d.]+ % \(.*\), n 6, epoch 1", rest[-1])
    assert all(line.startswith("confused: ") for line in rest[:-2])
    assert heading.split("  ")[0].strip() == "recipe"
    assert re.split(" {2,}", heading.strip()) == [
        "recipe",
        "test accuracy (95 % interval)",
        "test seen",
        "images",
        "seconds",
        "run folder",
    ]
    cells = re.split(" {2,}", row.strip())
    assert (cells[0], cells[2], cells[3], cells[5]) == (name, "once", "24", f"runs/{name}/1")
    figures = json.loads(Path(f"runs/{name}/1/metrics.json").read_text())
    low, high = figures["interval_95"]
    assert cells[1] == f"{100 * figures['accuracy']:.1f} % ({100 * low:.1f} to {100 * high:.1f}), n 6"
    assert curves == f"curves: runs/{name}/1/curves.png"
    assert Path(curves.removeprefix("curves: ")).is_file()
    assert page == f"page: runs/{name}/1/report.html"
    assert Path(page.removeprefix("page: ")).is_file()


@pytest.mark.slow
def test_run_runs_the_default_variants_or_those_asked_for(cli: Callable, tiny: str) -> None:
    with Path(tiny).open("a") as file:
        file.write(VARIANTS)
    done = cli("run", tiny, "--runs", "elsewhere")
    assert done.status == 0
    rows = [line.split() for line in done.out.splitlines() if "elsewhere" in line]
    assert [(row[0], row[-1]) for row in rows] == [
        ("a", "elsewhere/tiny/a/1"),
        ("a-much-longer-name", "elsewhere/tiny/a-much-longer-name/1"),
        ("curves:", "elsewhere/tiny/a/1/curves.png"),
        ("page:", "elsewhere/tiny/a/1/report.html"),
        ("curves:", "elsewhere/tiny/a-much-longer-name/1/curves.png"),
        ("page:", "elsewhere/tiny/a-much-longer-name/1/report.html"),
    ]
    assert cli("run", tiny, "--variant", "unasked", "seed=5").status == 0
    assert sorted(str(path) for path in Path().rglob("model.keras")) == [
        "elsewhere/tiny/a-much-longer-name/1/model.keras",
        "elsewhere/tiny/a/1/model.keras",
        "runs/tiny/unasked/1/model.keras",
    ]
    assert "seed: 5\n" in Path("runs/tiny/unasked/1/experiment.yaml").read_text()


@pytest.mark.slow
def test_an_experiment_is_named_by_its_path_below_experiments(cli: Callable, tiny: str) -> None:
    Path("experiments/pets").mkdir(parents=True)
    Path(tiny).rename("experiments/pets/tiny.yaml")
    assert cli("run", "experiments/pets/tiny.yaml").status == 0
    assert Path("runs/pets/tiny/1").is_dir()


@pytest.fixture
def mixed(trained: Path) -> Path:
    """A folder with a red and a blue picture, one of them with an odd name, a note, and a hidden file."""
    folder = Path("mixed")
    (folder / "deep").mkdir(parents=True)
    shutil.copy(trained.parents[2] / "pictures" / "red" / "0.png", folder / 'r, "1".png')
    shutil.copy(trained.parents[2] / "pictures" / "blue" / "0.png", folder / "deep" / "b.png")
    (folder / "note.txt").write_text("a note")
    (folder / ".hidden.png").write_text("hidden")
    return folder


@pytest.mark.slow
@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("file", ["model.keras", "model.h5", None])
def test_predictions_agree_in_all_formats(cli: Callable, trained: Path, mixed: Path, file: str | None) -> None:
    model = trained
    if file:  # the file alone, far from its run
        Path("away").mkdir()
        model = Path(shutil.copy(trained / file, f"away/other{Path(file).suffix}"))
    text, as_json, as_csv = (cli("predict", model, mixed, *form) for form in ((), ("--json",), ("--csv",)))
    for done in (text, as_json, as_csv):
        assert done.status == 0
        hidden, note = done.err.splitlines()
        assert hidden == "left out: mixed/.hidden.png: hidden"
        assert note.startswith("left out: mixed/note.txt: not a picture")
    objects = [json.loads(line) for line in as_json.out.splitlines()]
    assert [(one["path"], one["predicted"]) for one in objects] == [
        ("mixed/deep/b.png", "blue"),
        ('mixed/r, "1".png', "red"),
    ]
    for one in objects:
        assert next(iter(one["top"])) == one["predicted"]
        assert sum(one["top"].values()) == pytest.approx(1)
    header, *rows = csv.reader(io.StringIO(as_csv.out))
    assert header == ["path", "predicted", "blue", "red"]
    for row, one in zip(rows, objects, strict=True):
        assert row[:2] == [one["path"], one["predicted"]]
        assert [float(cell) for cell in row[2:]] == pytest.approx([one["top"][name] for name in header[2:]], rel=1e-6)
    assert text.out.splitlines() == [
        f"{one['path']}: " + ", ".join(f"{name} {share:.2%}" for name, share in one["top"].items()) for one in objects
    ]


def test_predictions_are_those_of_the_run(cli: Callable, trained: Path) -> None:
    with (trained / "predictions.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    root = trained.parents[2] / "pictures"
    for row in written[:: len(written) - 1]:
        (one,) = map(json.loads, cli("predict", trained, root / row["path"], "--json").out.splitlines())
        assert one["predicted"] == row["predicted"]
        assert one["top"] == pytest.approx({name: float(row[f"p:{name}"]) for name in ("blue", "red")}, abs=1e-6)


@pytest.mark.slow
def test_top_shows_the_most_likely_classes_alone(cli: Callable, trained: Path, mixed: Path) -> None:
    assert re.fullmatch(
        r"mixed/deep/b\.png: blue \d+\.\d\d%\n", cli("predict", trained, mixed / "deep", "--top", 1).out
    )
    (one,) = map(json.loads, cli("predict", trained, mixed / "deep", "--top", 1, "--json").out.splitlines())
    assert list(one["top"]) == ["blue"]


@pytest.mark.slow
def test_below_a_probability_it_says_unsure_by_what_was_calibrated(cli: Callable, trained: Path, mixed: Path) -> None:
    from kerasvgg.evaluation.calibration import calibrated
    from kerasvgg.modelfile.open.open import open_model
    from kerasvgg.models.save import save_model

    opened = open_model(trained / "model.keras")
    save_model(opened.model, Path("soft.keras"), replace(opened.description, temperature=3.0))
    path = mixed / "deep" / "b.png"
    own = json.loads(cli("predict", "soft.keras", path, "--json").out)
    shares = calibrated(np.array([list(own["top"].values())]), 3.0)[0]
    best = next(iter(own["top"]))
    just_above, just_below = (f"{shares[0] + step:.6f}" for step in (1e-4, -1e-4))
    assert cli("predict", "soft.keras", path, "--unsure", just_above).out == (
        f"{path}: unsure ({best} {100 * shares[0]:.0f} %)\n"
    )
    assert cli("predict", "soft.keras", path, "--unsure", just_below).out.startswith(
        f"{path}: {best} {shares[0]:.2%}, "
    )
    told = json.loads(cli("predict", "soft.keras", path, "--unsure", just_above, "--json").out)
    assert (told["predicted"], told["best"]) == ("unsure", best)
    assert list(told["top"].values()) == pytest.approx(shares, abs=1e-6)
    header, row = csv.reader(io.StringIO(cli("predict", "soft.keras", path, "--unsure", just_above, "--csv").out))
    assert header == ["path", "predicted", "best", "blue", "red"]
    assert row[:3] == [str(path), "unsure", best]


@pytest.fixture
def knowing(trained: Path) -> Callable[..., str]:
    """Writes the trained model with a distance of features (8,) from 0, and returns the file's name."""
    from kerasvgg.modelfile.novelty import Novelty
    from kerasvgg.modelfile.open.open import open_model
    from kerasvgg.models.save import save_model

    def write(name: str, threshold: float, **changes: object) -> str:
        opened = open_model(trained / "model.keras")
        novelty = Novelty.of(np.zeros(8), np.ones(1), np.eye(1, 8), 1.0, threshold)
        save_model(opened.model, Path(name), replace(opened.description, novelty=novelty, **changes))
        return name

    return write


@pytest.mark.slow
def test_what_is_far_from_all_training_pictures_is_unknown(cli: Callable, knowing: Callable, mixed: Path) -> None:
    path = mixed / "deep" / "b.png"
    far, near = knowing("far.keras", 1e-3), knowing("near.h5", 1e3)
    cli("predict", far, path)  # from then on without TensorFlow, which differs in the last digits
    plain = json.loads(cli("predict", far, path, "--json").out)
    told, known = (json.loads(cli("predict", model, path, "--unknown", "--json").out) for model in (far, near))
    best = plain["predicted"]
    assert [(one["predicted"], one["best"]) for one in (told, known)] == [("unknown", best), (best, best)]
    assert told["top"] == plain["top"]
    assert known["top"] == pytest.approx(plain["top"], abs=1e-5)
    assert told["distance"] == pytest.approx(1e6 * known["distance"])
    assert known["distance"] < 1 < told["distance"]
    assert cli("predict", far, path, "--unknown").out == (
        f"{path}: unknown ({best} {100 * plain['top'][best]:.0f} %; distance {told['distance']:.2f})\n"
    )
    plainly = cli("predict", near, path).out
    assert cli("predict", near, path, "--unknown").out == f"{plainly[:-1]}; distance {known['distance']:.2f}\n"
    header, row = csv.reader(io.StringIO(cli("predict", far, path, "--unknown", "--csv").out))
    assert header == ["path", "predicted", "best", "distance", "blue", "red"]
    assert row[:3] == [str(path), "unknown", best]
    assert float(row[3]) == pytest.approx(told["distance"])
    both = [cli("predict", model, path, "--unknown", "--unsure", 1).out.split()[1] for model in (far, near)]
    assert both == ["unknown", "unsure"]


@pytest.mark.slow
def test_who_can_not_tell_what_is_unknown_says_so(cli: Callable, knowing: Callable, trained: Path, mixed: Path) -> None:
    without = cli("predict", trained, mixed, "--unknown", "--csv")
    assert (without.status, without.out) == (2, "")
    assert "received one without" in without.err
    named = cli("predict", knowing("named.keras", 1.0, class_names=("unknown", "red")), mixed, "--unknown", "--csv")
    assert (named.status, named.out) == (2, "")
    assert "`--unknown` must be left out, because the model has a class called unknown" in named.err


def test_inspect_says_whether_a_model_tells_what_is_unknown(cli: Callable, knowing: Callable, trained: Path) -> None:
    line = "novelty: knows when a picture is like none of its classes: refuses about 5 % of known ones"
    for model in (knowing("a.keras", 1.0), knowing("a.h5", 1.0)):
        done = cli("inspect", model)
        assert done.status == 0
        assert line in done.out.splitlines()
    assert "novelty" not in cli("inspect", trained / "model.keras").out


def test_a_single_bad_picture_ends_with_status_2(cli: Callable, trained: Path, mixed: Path) -> None:
    done = cli("predict", trained, mixed / "note.txt")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("mixed/note.txt: not a picture")


def test_names_that_the_terminal_can_not_show_do_not_stop_it(process: Callable, class_folders: Callable) -> None:
    class_folders(("cat", "日本"), per_class=4)
    done = process("split", "pictures", "made", "--validation", "0.25", PYTHONIOENCODING="cp1252:strict")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("train: 6 pictures (3 cat, 3 \\u65e5\\u672c)\n")
    assert len(list(Path("made/train/日本").iterdir())) == 3


@pytest.mark.slow
def test_curves_are_drawn_again_raw_or_smoothed(cli: Callable, trained: Path) -> None:
    assert cli("plot", trained, "--smooth", "0", "--output", "raw.svg") == (0, "raw.svg\n", "")
    assert cli("plot", trained, "--output", "smoothed.svg").status == 0
    raw, smoothed = (Path(f"{name}.svg").read_text() for name in ("raw", "smoothed"))
    assert raw.startswith("<?xml")
    assert "validation, smoothed" not in raw
    assert "validation, smoothed" in smoothed
    assert cli("plot", trained, "--output", "curves.png").status == 0
    with Image.open("curves.png") as mine, Image.open(trained / "curves.png") as theirs:
        assert mine.size == theirs.size


def test_curves_go_to_the_run_unless_told_otherwise(cli: Callable, trained: Path) -> None:
    Path("run").mkdir()
    shutil.copy(trained / "history.csv", "run")
    assert cli("plot", "run") == (0, "run/curves.png\n", "")
    assert sorted(path.name for path in Path("run").iterdir()) == ["curves.png", "history.csv"]


@pytest.mark.slow
def test_several_runs_are_drawn_into_one_picture(cli: Callable, trained: Path) -> None:
    for name in ("one", "two"):
        Path("runs", "x", name).mkdir(parents=True)
        shutil.copy(trained / "history.csv", Path("runs", "x", name))
    assert cli("plot", "runs/x/one", "runs/x/two") == (0, "curves.png\n", "")
    assert cli("plot", "runs/x/one", "runs/x/two", "--log", "--dark", "--output", "two.svg").status == 0
    assert {"x/one", "x/two"} <= set(re.findall(r"<!-- (.*?) -->", Path("two.svg").read_text()))


def test_a_run_that_did_not_note_its_batches_says_how_it_would_have(cli: Callable, trained: Path) -> None:
    done = cli("plot", trained, "--by", "iteration")
    assert (done.status, done.out) == (2, "")
    assert "`log_iterations: true`" in done.err


def test_weights_that_are_others_are_refused(cli: Callable, trained: Path, standing: Callable) -> None:
    Path("note.h5").write_text("a note")
    before = standing()
    for path, told in (
        ("note.h5", "`note.h5` can't be read as .h5, .weights.h5 or .npz"),
        ("none.h5", "`none.h5` must be a file of weights, received nothing there"),
        (trained / "model.h5", f"`{trained / 'model.h5'}` must hold 13 3x3 kernels with biases"),
    ):
        for command in ("verify", "import"):
            done = cli("weights", command, path)
            assert (done.status, done.out) == (2, "")
            assert done.err.startswith(told)
    unknown = cli("weights", "verify", "note.h5", "vgg11").err
    assert unknown.startswith("`weights` are known for vgg16, vgg19, resnet50v2, ")
    assert unknown.endswith(", received 'vgg11'\n")
    assert standing() == before


def test_weights_of_the_right_shapes_and_wrong_numbers_are_refused(cli: Callable) -> None:
    import numpy as np

    from kerasvgg.backbones.registry import PRETRAINED
    from kerasvgg.backbones.vgg import convolutions

    pairs = {
        f"{name}/{part}": np.zeros(shape, np.float32)
        for name in convolutions("vgg16")
        for part, shape in (("bias", (1,)), ("kernel", (3, 3, 1, 1)))
    }
    np.savez("zeros.npz", **pairs)
    done = cli("weights", "verify", "zeros.npz")
    assert (done.status, done.out) == (2, "")
    assert f"`zeros.npz` must have the fingerprint {PRETRAINED['vgg16'].fingerprint}, received " in done.err


@pytest.mark.real
def test_the_known_weights_are_recognized(weights_file: Path, cli: Callable) -> None:
    assert cli("weights", "verify", weights_file).out == f"{weights_file}: these are the ImageNet weights of vgg16\n"


def test_data_sets_are_made_found_and_listed(cli: Callable, cache: Path) -> None:
    assert re.search(r"│ digits +│.*│ no +│", cli("data", "list").out)
    folder = cache / "datasets" / "digits"
    assert cli("data", "get", "digits") == (0, f"{folder}\n", "")
    assert len(list(folder.rglob("*.png"))) == 1797
    assert cli("data", "get", "digits") == (0, f"{folder}\n", "")
    assert re.search(r"│ digits +│.*│ yes +│", cli("data", "list").out)


def test_data_sets_are_listed_uncut_on_a_narrow_terminal(cli: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasvgg.data.catalog.catalog import CATALOG

    monkeypatch.setenv("COLUMNS", "40")
    out = cli("data", "list").out
    assert [name for name in CATALOG if f" {name} " not in out] == []
    assert "…" not in out


def test_a_data_set_that_is_not_there_is_refused(cli: Callable, standing: Callable) -> None:
    done = cli("data", "get", "digitz")
    assert (done.status, done.out) == (2, "")
    assert "did you mean digits?" in done.err
    assert standing() == {}


def test_home_says_where_data_sets_are(cli: Callable, class_folders: Callable, tiny: str) -> None:
    Path("pictures").rename("elsewhere")
    class_folders(tuple("0123456789"), root=Path("elsewhere/datasets/digits"), per_class=1)
    assert cli("--home", "elsewhere", "data", "get", "digits").out == "elsewhere/datasets/digits\n"
    assert re.search(r"│ digits +│.*│ yes +│", cli("--home", "elsewhere", "data", "list").out)


@pytest.mark.slow
def test_ctrl_c_ends_training_with_what_was_finished(tiny: str, cli: Callable, environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", INTERRUPTIBLE, "run", tiny, "train.0.epochs=5000"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as training:
        assert training.stderr
        try:
            said = next((line for line in training.stderr if line.startswith("epoch 2/5000")), "")
            training.send_signal(signal.SIGINT)
            out, err = training.communicate(timeout=100)
        finally:
            training.kill()
    assert (training.returncode, out) == (130, "")
    assert "stopping after this batch; once more stops at once" in err.splitlines()
    last = "interrupted; what was done is kept, go on with: kerasvgg run runs/tiny/1 --resume"
    assert err.splitlines()[-1] == last
    assert "Traceback" not in said + err
    rows = RunFolder.open(Path("runs/tiny/1")).read_history()
    assert [row["epoch"] for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= 2
    assert cli("plot", "runs/tiny/1").status == 0
    assert "unfinished" in cli("ls").out


def test_ctrl_c_while_tensorflow_starts_shows_none_of_its_chatter(tiny: str, process: Callable) -> None:
    Path("tensorflow.py").write_text("import os\nos.write(2, b'chatter')\nraise KeyboardInterrupt\n")
    assert process("run", tiny) == (130, "", f"experiment: the file {tiny}\n")


def test_a_mistake_in_the_last_variant_costs_no_training(cli: Callable, tiny: str, place: Path) -> None:
    good, bad = "{keep: last}", "{train: [{epochs: 1, learning_rate: 1e-3, layers: block5}]}"
    Path(tiny).write_text(Path(tiny).read_text() + f"variants: {{good: {good}, bad: {bad}}}\n")
    done = cli("run", tiny)
    assert done.status == 2
    assert "tiny.yaml (variant `bad`): `layers` must match layers with weights" in done.err
    assert not (place / "runs").exists()


def test_what_is_said_to_be_kept_is_kept(cli, trained, tmp_path, monkeypatch):
    def told(*words, error):
        def stop(*_, **__):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr("kerasvgg.runs.run.train_classifier", stop)
            done = cli("run", *words)
        assert done.status == 2
        return done.err.splitlines()[-1]

    experiment, folder = trained / "experiment.yaml", tmp_path / "runs" / "experiment" / "1"
    words = (experiment, f"data.dataset={trained.parents[2] / 'pictures'}", "--runs", tmp_path / "runs")
    again = f"the split is kept and no epoch yet, begin the training again with: kerasvgg run {folder} --resume"
    assert told(*words, error=OSError(28, "No space left on device")) == again
    assert told(folder, "--resume", error=MemoryError()) == again
    (folder / "checkpoints").mkdir()
    (folder / "checkpoints" / "state-000001.zip").write_bytes(b"no state")
    kept = f"what was done is kept, go on with: kerasvgg run {folder} --resume"
    assert told(folder, "--resume", error=MemoryError()) == kept
    done = cli("run", folder, "--resume")
    assert done.status == 2
    assert done.err.splitlines()[-1] == f"no state can be read, begin anew with: kerasvgg run {folder}/experiment.yaml"

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("kerasvgg.runs.run.RunFolder.create", refuse)
    assert cli("run", *words).err.splitlines()[-1] == "nothing was kept, begin again"
