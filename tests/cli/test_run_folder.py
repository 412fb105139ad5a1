"""`kerasvgg run FOLDER`: from pictures alone to a run."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasvgg.config.load import load_experiments
from kerasvgg.evaluation.predictions import read_predictions
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.description import read_description
from kerasvgg.runs.folder import experiment_for

pytestmark = pytest.mark.usefixtures("untrained_vgg16")
SMALL = ("data.image_size=[32, 32]",)


def _rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_becomes_a_run_with_model_table_mistakes_and_commands_to_go_on_with(
    cli: Callable, class_folders: Callable
) -> None:
    class_folders(("cat", "dog", "owl"), root=Path("pets"), per_class=8)
    done = cli("run", "pets", *SMALL)
    assert done.status == 0, done.err
    figures = json.loads(Path("runs/pets/1/metrics.json").read_text())
    assert (figures["split"], figures["n"]) == ("folds", 24)
    names, predictions = read_predictions(Path("runs/pets/1/predictions.csv"))
    assert names == ("cat", "dog", "owl")
    assert len({one.path for one in predictions}) == 24
    assert figures["correct"] == sum(one.true == one.predicted for one in predictions) >= 20
    assert {row["split"] for row in _rows("runs/pets/1/split.csv")} == {"train"}
    tried = _rows("runs/pets/1/choices.csv")
    losses = [float(row["loss"]) for row in tried]
    assert losses == sorted(losses)
    assert {row["stages"] for row in tried} == {"block5", "block4", "block4+block5", "block3+block4+block5"}
    for word in ("predict", "show heatmap", "evaluate"):
        assert f"  kerasvgg {word} runs/pets/1" in done.out
    assert cli("predict", "runs/pets/1", "pets/owl/0.png").out.startswith("pets/owl/0.png: owl ")


@pytest.mark.slow
def test_the_experiment_that_it_writes_is_inits_and_is_never_written_over(
    cli: Callable, class_folders: Callable
) -> None:
    class_folders(root=Path("pets"), per_class=4)
    Path("runs").mkdir()
    Path("runs/pets.yaml").write_text("mine")
    assert cli("run", "pets", *SMALL).status == 0
    assert Path("runs/pets.yaml").read_text() == "mine"
    assert cli("init", "pets").status == 0
    assert load_experiments("runs/pets-2.yaml") == load_experiments("experiment.yaml")


@pytest.mark.slow
def test_the_saved_model_says_what_the_head_that_was_fitted_says(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=8)
    assert cli("run", "pets", *SMALL).status == 0
    done = cli("evaluate", "runs/pets/1", "pets", "--output", "again")
    assert done.status == 0, done.err
    assert json.loads(Path("again/metrics.json").read_text())["accuracy"] > 0.9
    about = read_description(Path("runs/pets/1/model.h5"))
    assert about is not None
    assert (about.class_names, about.temperature) == (("cat", "dog"), 1.0)
    said = cli("inspect", "runs/pets/1/model.keras")
    assert said.status == 0
    assert "safe" in said.out


@pytest.mark.slow
def test_a_test_part_is_kept_and_scored_once(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets/train"), per_class=10)
    class_folders(root=Path("pets/test"), per_class=4)
    done = cli("run", "pets", *SMALL)
    assert done.status == 0, done.err
    figures = json.loads(Path("runs/pets/1/metrics.json").read_text())
    assert (figures["split"], figures["n"], figures["validation"]["n"]) == ("test", 8, 20)


@pytest.mark.slow
def test_two_runs_of_a_folder_are_equal_byte_by_byte(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=6)
    for _ in range(2):
        assert cli("run", "pets", *SMALL).status == 0
    for name in ("choices.csv", "history.csv", "metrics.json", "predictions.csv", "split.csv"):
        assert Path(f"runs/pets/1/{name}").read_bytes() == Path(f"runs/pets/2/{name}").read_bytes()


def _noise(path: Path, size: tuple[int, int], mode: str = "RGB") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(list(str(path).encode()))
    pixels = draw.integers(0, 255, (*size, 3)).astype(np.uint8)
    Image.fromarray(pixels).convert(mode).save(path)


def _three_a_class(make: Callable) -> None:
    make(root=Path("pets"), per_class=3)


def _one_large_class(make: Callable) -> None:
    make(root=Path("pets"), per_class=40)
    for number in range(2, 40):
        Path(f"pets/dog/{number}.png").unlink()


def _many_classes(_make: Callable) -> None:
    for label in range(12):
        for number in range(3):
            _noise(Path(f"pets/{label}/{number}.png"), (40, 40))


def _gray_scans(_make: Callable) -> None:
    for label in ("letter", "bill"):
        for number in range(4):
            _noise(Path(f"pets/{label}/{number}.png"), (60, 40), "L")


def _portraits_and_panoramas(_make: Callable) -> None:
    for label, size in (("portrait", (120, 20)), ("panorama", (20, 200))):
        for number in range(4):
            _noise(Path(f"pets/{label}/{number}.png"), size)


def _kaggles_names(make: Callable) -> None:
    make(root=Path("pets"), per_class=4, flat=True)


def _labels_beside(make: Callable) -> None:
    make(root=Path("pets"), per_class=4, flat=True)
    rows = ["id,label"]
    for number, path in enumerate(sorted(Path("pets").iterdir())):
        path.rename(f"pets/{number}.png")
        rows.append(f"{number},{path.name.partition('.')[0]}")
    Path("pets/labels.csv").write_text("\n".join(rows))


RUNS = [
    _three_a_class,
    _one_large_class,
    _many_classes,
    _gray_scans,
    _portraits_and_panoramas,
    _kaggles_names,
    _labels_beside,
]


@pytest.mark.sampled(slow=7)
@pytest.mark.parametrize("lay", RUNS, ids=lambda lay: lay.__name__.strip("_"))
def test_an_awkward_folder_runs(cli: Callable, class_folders: Callable, lay: Callable) -> None:
    lay(class_folders)
    done = cli("run", "pets", *SMALL)
    assert done.status == 0, done.err
    assert Path("runs/pets/1/model.keras").is_file()


def _all_the_same(make: Callable) -> None:
    make(root=Path("pets"), per_class=1)
    for label in ("cat", "dog"):
        for number in range(1, 5):
            shutil.copy(f"pets/{label}/0.png", f"pets/{label}/{number}.png")


def _the_same_in_both_classes(make: Callable) -> None:
    make(("cat",), root=Path("pets"), per_class=5)
    shutil.copytree("pets/cat", "pets/dog")


def _nothing(_make: Callable) -> None:
    Path("pets").mkdir()


def _one_class(make: Callable) -> None:
    make(("cat",), root=Path("pets"), per_class=5)


def _one_picture_a_class(make: Callable) -> None:
    make(root=Path("pets"), per_class=1)


@pytest.mark.parametrize(
    ("lay", "words"),
    [
        (_all_the_same, "cat: 5 pictures that all show the same"),
        (_the_same_in_both_classes, "received none of"),
        (_nothing, "`pets` must"),
        (_one_class, "at least"),
        (_one_picture_a_class, "cat: 1 picture"),
    ],
    ids=["all the same", "the same in both", "nothing", "one class", "one picture"],
)
def test_a_folder_that_can_not_be_learned_from_is_refused_in_a_sentence(
    cli: Callable, class_folders: Callable, lay: Callable, words: str
) -> None:
    lay(class_folders)
    done = cli("run", "pets", *SMALL)
    assert done.status == 2
    assert words in done.err
    assert "Traceback" not in done.err
    assert not Path("runs/pets").exists()


def test_a_class_folder_without_a_picture_is_no_class_of_the_experiment(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=4)
    Path("pets/owl").mkdir()
    Path("pets/owl/note.txt").write_text("owls follow")
    done = cli("init", "pets")
    assert (done.status, done.out.splitlines()[0]) == (0, "experiment.yaml: 8 files of 2 classes (cat, dog)")


def test_a_resumed_run_with_a_limit_keeps_the_size_of_its_pictures_however_fast_the_machine_is_now(
    class_folders: Callable, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_folders(root=Path("pets"), per_class=4, size=(300, 300))

    def made(fits: int, resume: bool) -> Path:
        monkeypatch.setattr("kerasvgg.runs.estimate.fitting_side", lambda sides, *_, **__: sides[fits])
        with experiment_for(Path("pets"), Path("runs"), minutes=3, resume=resume) as path:
            return path

    first = made(-1, resume=False)
    assert made(0, resume=True) == first
    assert made(0, resume=False) != first


@pytest.mark.parametrize("option", [("--quick",), ("--minutes", "3"), ("--labels", "x.csv")])
def test_what_is_for_folders_is_refused_for_an_experiment(cli: Callable, option: tuple[str, ...]) -> None:
    done = cli("run", "quickstart", *option)
    assert done.status == 2
    assert "must go with a folder of pictures" in done.err


def test_a_learning_curve_of_a_folder_says_what_more_pictures_would_bring(
    cli: Callable, class_folders: Callable
) -> None:
    class_folders(root=Path("pets"), per_class=10)
    done = cli("learning-curve", "pets", *SMALL, "--output", "curve.png")
    assert done.status == 0, done.err
    assert "pictures per class" in done.out
    assert "what more would bring can't be said: " in done.out  # colours are told apart without a mistake
    assert "foreseen" not in done.out
    with Image.open("curve.png") as picture:
        assert min(picture.size) > 300
    assert not Path("runs/pets").exists()


def test_a_learning_curve_of_rounds_of_training_is_refused(cli: Callable, class_folders: Callable) -> None:
    done = cli("learning-curve", "quickstart", "--output", "curve.png")
    assert done.status == 2
    assert not Path("curve.png").exists()


def test_a_folder_that_split_made_is_one_of_pictures(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=8)
    assert cli("split", "pets", "divided", "--validation", "0.25", "--test", "0.25").status == 0
    with experiment_for(Path("divided"), Path("runs")) as written:
        assert written == Path("runs/divided.yaml")
        assert load_experiments(written)[""].data.split is None


def test_a_run_is_named_after_its_yaml_wherever_it_stands_and_the_outcome_after_the_folder(
    place: Path, class_folders: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kerasvgg

    below = place / "experiments" / "mine"
    class_folders(root=below / "pets", per_class=4)
    monkeypatch.chdir(below)
    Path("runs").mkdir()
    Path("runs/pets.yaml").write_text("mine")
    monkeypatch.setattr("kerasvgg.runs.api.run_prepared", lambda prepared, name, runs: name)
    assert kerasvgg.run("pets", quick=True) == {"pets": "pets-2"}


def test_a_folder_to_which_pictures_came_goes_on_with_the_same_experiment(place: Path, class_folders: Callable) -> None:
    root = class_folders(root=Path("pets"), per_class=4)
    with experiment_for(root, Path("runs")) as written:
        shutil.copy(root / "cat/0.png", root / "cat/new.png")
    with experiment_for(root, Path("runs"), resume=True) as again:
        assert again == written


def test_a_head_that_was_solved_has_no_curves(cli: Callable, place: Path) -> None:
    run = Path("runs/pets/1")
    run.mkdir(parents=True)
    head = "phase,epoch,learning_rate,loss,accuracy,val_loss,val_accuracy\n"
    (run / "history.csv").write_text(f"{head}head,1,0,1,1,1,1\n")
    (run / "choices.csv").write_text("stages\n")
    done = cli("plot", "runs/pets/1")
    assert done.status == 2
    assert "received runs/pets/1, whose head was solved at once" in done.err
    assert not (run / "curves.png").exists()
    (run / "history.csv").write_text(f"{head}block5+head,1,0,1,1,1,1\nblock5+head,2,0,1,1,1,1\n")  # fine-tuned
    assert cli("plot", "runs/pets/1").status == 0


def test_a_place_that_is_closed_is_named(
    cli: Callable, class_folders: Callable, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    class_folders(root=Path("pets"), per_class=4)
    monkeypatch.setattr(Path, "write_bytes", closed)
    done = cli("init", "pets", "--output", "pets.yaml")
    assert done.status == 2
    assert done.err == f"`pets.yaml` can't be written: Permission denied in `{place}`\n"
    monkeypatch.setattr(RunFolder, "open", closed)
    assert cli("plot", "runs/pets/1").err == f"`{place / 'runs/pets/1'}`: Permission denied\n"


@pytest.mark.parametrize(
    "words",
    [
        ("run", "pets", "data.fit=crpo"),
        ("run", "pets", "--minutes", "0.1"),
        ("crossvalidate", "pets", "data.image_size=[0, 0]"),
        ("learning-curve", "pets", "model.base=vgg61"),
    ],
)
def test_what_is_refused_leaves_no_experiment_behind(
    cli: Callable, class_folders: Callable, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr("kerasvgg.runs.estimate.seconds_per_picture", lambda *_: 100.0)
    class_folders(root=Path("pets"), per_class=4)
    assert cli(*words).status == 2
    assert not Path("runs/pets.yaml").exists()
    Path("runs").mkdir(exist_ok=True)
    Path("runs/pets.yaml").write_text("mine")
    assert cli(*words).status == 2
    assert Path("runs/pets.yaml").read_text() == "mine"


@pytest.mark.slow
def test_what_was_fitted_on_validation_is_not_evaluated_on_it(cli: Callable, class_folders: Callable) -> None:
    for part in ("train", "validation"):
        class_folders(root=Path("pets") / part, per_class=5)
    done = cli("run", "pets", "--quick", *SMALL)
    assert done.status == 0, done.err
    assert " accuracy (95 % interval)" in done.out
    assert "test accuracy" not in done.out
    done = cli("evaluate", "runs/pets/1")
    assert done.status == 2
    assert "it was fitted on all there are" in done.err
