"""A run judged again, and models judged by folders of pictures."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import classification_report, confusion_matrix

from kerasvgg.evaluation.predictions import read_predictions

RESULTS = {
    "predictions.csv", "metrics.json", "split.csv", "environment.json", "confusion.png", "reliability.png",
}  # fmt: skip


def pictures(root: Path, **reds: list[int]) -> Path:
    """Class folders of pictures in one colour, of which the red is given."""
    for label, values in reds.items():
        (root / label).mkdir(parents=True)
        for red in values:
            Image.new("RGB", (16, 16), (red, 90, 90)).save(root / label / f"{red}.png")
    return root


@pytest.fixture
def foreign(place: Path) -> Path:
    """A model that kerasvgg did not write: its probability of the second class is red / 255; it takes pixels 0..1."""
    taken = keras.Input((16, 16, 3))
    dense = keras.layers.Dense(2)
    model = keras.Model(taken, dense(keras.layers.GlobalAveragePooling2D()(taken)))
    dense.set_weights([np.array([[-1, 1], [0, 0], [0, 0]], np.float32), np.array([1, 0], np.float32)])
    model.save(place / "foreign.keras")
    keras.backend.clear_session()
    return place / "foreign.keras"


@pytest.fixture
def run(trained: Path, place: Path, cli: Callable, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of the test's own, where its pictures are where they were."""
    shutil.copytree(trained, place / "run")
    shutil.copytree(trained.parents[2] / "pictures", place / "pictures")
    return Path("run")


def test_a_run_is_scored_again_on_its_own_test_pictures_and_agrees(cli: Callable, run: Path) -> None:
    done = cli("evaluate", run)
    assert (done.status, done.err) == (0, "")
    assert "accuracy: 100.0 % (61.0 to 100.0), n 6, test seen once" in done.out
    assert "the same as the run's: 0 pictures are taken for another class, 0 are not in both" in done.out
    folder = run / "evaluations" / "1"
    assert {path.name for path in folder.iterdir()} == RESULTS
    assert not (folder / "mistakes.png").exists()
    before, now = (read_predictions(one / "predictions.csv") for one in (run, folder))
    assert [(one.path, one.true) for one in now[1]] == [(one.path, one.true) for one in before[1]]
    assert "test seen 2 times" in cli("evaluate", run).out
    assert sorted(path.name for path in (run / "evaluations").iterdir()) == ["1", "2"]


def test_a_run_whose_weights_are_not_those_that_it_scored_is_told_apart(cli: Callable, run: Path) -> None:
    text = (run / "predictions.csv").read_text().replace("blue,blue", "blue,red")
    (run / "predictions.csv").write_text(text)
    rows = list(csv.reader(text.splitlines()))
    with (run / "predictions.csv").open("w", newline="") as file:
        csv.writer(file).writerows([*rows[:1], *([*row[:3], "0.4", "0.6"] for row in rows[1:])])
    done = cli("evaluate", run)
    assert done.status == 1
    assert "not the same as the run's: 3 pictures are taken for another class" in done.out


def test_test_pictures_that_are_gone_or_changed_are_named(cli: Callable, run: Path) -> None:
    with (run / "split.csv").open(newline="") as file:
        first, second, *_ = [row["path"] for row in csv.DictReader(file) if row["split"] == "test"]
    Path("pictures", first).unlink()
    Image.new("RGB", (9, 9)).save(Path("pictures", second))
    done = cli("evaluate", run)
    assert (done.status, done.out) == (2, "")
    assert f"{first}: it is missing; {second}: its content has changed" in done.err
    assert not (run / "evaluations").exists()


def test_from_another_working_folder_it_says_where_a_relative_path_is_meant_from(
    cli: Callable, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    done = cli("evaluate", Path("..", run))
    assert (done.status, done.out) == (2, "")
    assert "received 'pictures', which is neither" in done.err
    assert "a relative path is meant from where `../run` was begun" in done.err


@pytest.mark.slow
def test_any_folder_is_scored_by_its_own_class_names_and_bad_files_are_left_out(cli: Callable, run: Path) -> None:
    folder = pictures(Path("others"), red=[250, 251, 252], blue=[250, 20])
    (folder / "red" / "note.txt").write_text("no picture")
    done = cli("evaluate", run, folder, "--output", "out")
    assert done.status == 0
    assert done.err.startswith("left out: red/note.txt: not a picture")
    names, found = read_predictions(Path("out/predictions.csv"))
    assert [one.path for one in found] == ["blue/20.png", "blue/250.png", "red/250.png", "red/251.png", "red/252.png"]
    figures = json.loads(Path("out/metrics.json").read_text())
    true, guess = [one.true for one in found], [one.predicted for one in found]
    assert figures["confusion"] == confusion_matrix(true, guess, labels=names).tolist()
    theirs = classification_report(true, guess, labels=names, output_dict=True, zero_division=0)
    assert figures["per_class"]["red"]["recall"] == theirs["red"]["recall"]
    assert Path("out/mistakes.png").is_file() == (true != guess)
    assert json.loads(Path("out/environment.json").read_text())["skipped"].keys() == {"red/note.txt"}
    with Path("out/split.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 5


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("model", ["", "model.keras"])
def test_pictures_that_the_model_came_about_by_are_no_test_and_it_says_so(cli: Callable, run: Path, model: str) -> None:
    done = cli("evaluate", run / model, "pictures", "--output", "out")
    assert done.status == 0
    assert done.err == (
        "warning: of 24 pictures 12 were trained on, 6 were in validation, by which epoch and temperature were chosen: "
        "the figures are too good for what is new\n"
    )
    figures = json.loads(Path("out/metrics.json").read_text())
    assert figures["known_before"] == {"train": 12, "validation": 6}


@pytest.mark.slow
def test_of_a_split_folder_the_test_part_is_scored(cli: Callable, run: Path) -> None:
    for part in ("train", "validation", "test"):
        pictures(Path("split", part), red=[250], blue=[len(part)])
    assert cli("evaluate", run, "split", "--output", "out").status == 0
    assert [one.path for one in read_predictions(Path("out/predictions.csv"))[1]] == [
        "test/blue/4.png",
        "test/red/250.png",
    ]


@pytest.mark.slow
def test_what_can_not_be_evaluated_is_refused_before_anything_is_written(
    cli: Callable, run: Path, foreign: Path, standing: Callable
) -> None:
    pictures(Path("unknown"), red=[1], green=[2])
    pictures(Path("known"), red=[1], blue=[2])
    Path("full").mkdir()
    Path("full/note").write_text("mine")
    before = standing()
    for words, told in (
        ((run, "unknown"), "must be among the model's: blue, red; received green"),
        ((run, "none"), "`none` must be a folder of pictures, received nothing"),
        ((run / "model.keras",), "`PICTURES` must be given"),
        ((run, "known", "--output", "full"), "`--output` must be a new folder or an empty one"),
        ((run, "known", "--classes", "a,b"), "must be left out"),
        ((foreign, "known"), "`--classes cat,dog`"),
        ((foreign, "known", "--classes", "a,b,c"), "`--classes` must be 2 names"),
        ((foreign, "known", "--classes", "blue,red", "--image-size", 9, 9), "the model's, 16 16"),
        ((foreign, "known", "--classes", "blue,red"), "must give probabilities"),
    ):
        done = cli("evaluate", *words)
        assert (done.status, done.out) == (2, ""), words
        assert told in done.err
    assert standing() == before


@pytest.mark.slow
def test_a_model_that_gives_a_map_is_no_classifier(cli: Callable, tmp_path: Path) -> None:
    import keras

    pictures(Path("known"), red=[1], blue=[2])
    layers = [keras.Input((16, 16, 3)), keras.layers.Conv2D(2, 3, activation="softmax")]
    keras.Sequential(layers).save(tmp_path / "map.keras")
    done = cli("evaluate", tmp_path / "map.keras", "known", "--classes", "blue,red", "--output", "out")
    assert done.status == 2
    assert "must give a number for each class, received (None, 14, 14, 2)" in done.err
    assert not Path("out").exists()


@pytest.mark.slow
def test_a_model_from_elsewhere_is_judged_when_it_is_said_what_it_takes(cli: Callable, foreign: Path) -> None:
    folder = pictures(Path("known"), red=[200, 140, 60], blue=[51])
    done = cli("evaluate", foreign, folder, "--classes", "blue,red", "--preprocessing", "unit")
    assert (done.status, done.err) == (0, "")
    assert "accuracy: 75.0 % (30.1 to 95.4), n 4, test seen once" in done.out
    assert "confused: red taken for blue once (33.3 %)" in done.out
    _, found = read_predictions(Path("evaluations/foreign/1/predictions.csv"))
    assert found[0].probabilities == pytest.approx((0.8, 0.2), abs=1e-6)
    assert Path("evaluations/foreign/1/mistakes.png").is_file()


@pytest.mark.slow
def test_a_look_is_counted_before_anything_is_written(
    cli: Callable, foreign: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("evaluate", foreign, pictures(Path("known"), red=[200], blue=[51]), "--classes", "blue,red")
    words += ("--preprocessing", "unit")
    with monkeypatch.context() as patch:
        (cache / "file").touch()
        patch.setenv("KERASVGG_CACHE", str(cache / "file"))
        done = cli(*words)
        assert done.status == 2
        assert done.err.startswith("`KERASVGG_CACHE` must be a folder")
        assert not Path("evaluations").exists()

    def stopped(path: Path, *_: object) -> None:
        raise OSError(f"stopped after {len((cache / 'looks.tsv').read_text().splitlines())} look")

    monkeypatch.setattr("kerasvgg.runs.results.write_predictions", stopped)
    assert cli(*words).err == "stopped after 1 look\n"


def test_mistakes_are_shown_as_the_model_takes_them(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.modelfile.description import Description
    from kerasvgg.runs.evaluate import evaluate
    from kerasvgg.runs.evaluation_set import evaluation_set_of_folder
    from kerasvgg.runs.results import decode

    taken, shown = keras.Input((16, 16, 3)), []
    model = keras.Model(taken, keras.layers.Softmax()(keras.layers.GlobalAveragePooling2D()(taken)[:, :2]))
    monkeypatch.setattr("kerasvgg.runs.results.decode", lambda *how: shown.append(how[2]) or decode(*how))
    about = Description(("blue", "red"), (16, 16), "nearest", "", "")
    asked = evaluation_set_of_folder(pictures(Path("known"), red=[200], blue=[210]), about)
    evaluate(model, about, asked, RunFolder(place))
    keras.backend.clear_session()
    assert shown == ["nearest"]
