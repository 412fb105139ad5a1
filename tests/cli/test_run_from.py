"""`kerasvgg run FOLDER --from RUN`: a run brought up to date with more pictures."""

import csv
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from kerasvgg.config.load import load_experiments
from kerasvgg.evaluation.predictions import Prediction, write_predictions
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.runs.update import compared_with

pytestmark = pytest.mark.usefixtures("untrained_vgg16")
SMALL = ("data.image_size=[32, 32]",)
PARTS = "data.split={validation: 0.25, test: 0.25, keep_together: true}"


def _rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def _parts(run: str) -> dict[str, str]:
    return {row["sha256"]: row["split"] for row in _rows(f"{run}/split.csv")}


def _compared(run: str) -> dict:
    return json.loads(Path(f"{run}/metrics.json").read_text())["compared_with"]


@pytest.fixture
def old(trained: Path, place: Path) -> Path:
    """A finished run of twelve blue and twelve red pictures, six of each to train on, in `pictures`."""
    shutil.copytree(trained, "old")
    return Path(shutil.copytree(trained.parents[2] / "pictures", "pictures"))


def _fainter(path: Path, target: Path) -> None:
    with Image.open(path) as picture:
        picture.point(lambda value: round(value * 0.9)).save(target)


def test_old_pictures_keep_their_part_under_other_names_and_a_new_class_is_tested_too(
    cli: Callable, class_folders: Callable, old: Path
) -> None:
    before = _parts("old")
    for path in sorted((old / "blue").iterdir()):
        path.rename(path.with_name(f"moved-{path.name}"))
    (old / "red/0.png").unlink()
    shutil.move(class_folders(("owl",), root=Path("more"), per_class=8) / "owl", old / "owl")
    done = cli("run", "pictures", "--from", "old", "train.0.epochs=1")
    assert done.status == 0, done.err
    assert "pictures: 23 pictures are known, 8 are new, 1 known ones are gone" in done.err
    rows, after = _rows("runs/pictures/1/split.csv"), _parts("runs/pictures/1")
    assert {content for content, part in before.items() if after.get(content) != part} == before.keys() - after.keys()
    assert Counter(row["split"] for row in rows if row["class"] == "owl") == {"train": 4, "validation": 2, "test": 2}
    about = _compared("runs/pictures/1")
    assert (about["run"], about["n"], about["new_classes"]) == ("old", 6, ["owl"])
    assert "pictures: of 6 pictures that old scored too" in done.out
    assert load_experiments("runs/pictures/1/experiment.yaml")[""].data.parts_of == "old/split.csv"


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_a_run_that_was_being_brought_up_to_date_is_resumed_by_the_same_command(
    cli: Callable, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("run", "pictures", "--from", "old", "train.0.epochs=1")
    with monkeypatch.context() as patch:
        patch.setattr("kerasvgg.runs.run.compared_with", _interrupted)
        assert cli(*words).status == 130
    Path("pictures/red/new.png").write_bytes(Path("pictures/red/0.png").read_bytes())  # too late for this run
    before = _parts("runs/pictures/1")
    done = cli(*words, "--resume")
    assert done.status == 0, done.err
    assert "going on after epoch 1" in done.err
    assert (_parts("runs/pictures/1"), _compared("runs/pictures/1")["n"]) == (before, 6)
    assert "is finished already" in cli(*words, "--resume").err
    assert not Path("runs/pictures/2").exists()


@pytest.mark.slow
def test_what_shows_the_same_as_an_old_picture_comes_to_its_part_and_to_test_where_one_is_in_two(
    cli: Callable, old: Path
) -> None:
    split = Path("old/split.csv")
    split.write_text(split.read_text().replace("blue/11.png,blue,test", "blue/11.png,blue,train"))  # is like red/11.png
    for number, name in enumerate(("red/11.png", "red/11.png", "red/0.png", "red/6.png")):
        _fainter(old / name, old / f"red/new-{number}.png")
    (old / "red/1.png").rename(old / "blue/was-red.png")
    done = cli("run", "pictures", "--from", "old", "train.0.epochs=1")
    assert done.status == 0, done.err
    assert "another class than before: blue/was-red.png is blue, and was red" in done.err
    assert done.err.count("another class") == 1
    rows = {row["path"]: row for row in _rows("runs/pictures/1/split.csv")}
    assert [rows[f"red/new-{number}.png"]["split"] for number in range(4)] == ["test", "test", "train", "validation"]
    assert (rows["red/11.png"]["split"], rows["blue/11.png"]["split"]) == ("test", "train")
    assert (rows["blue/was-red.png"]["split"], rows["blue/was-red.png"]["class"]) == ("train", "blue")


@pytest.mark.slow
def test_auto_takes_up_a_new_class_and_tells_what_it_forgot(cli: Callable, class_folders: Callable) -> None:
    class_folders(root=Path("pets"), per_class=12)
    assert cli("run", "pets", *SMALL, PARTS).status == 0
    class_folders(("cat", "dog", "owl"), root=Path("pets"), per_class=12)
    done = cli("run", "pets", "--from", "runs/pets/1")
    assert done.status == 0, done.err
    before, after = _parts("runs/pets/1"), _parts("runs/pets/2")
    assert before.items() <= after.items()
    assert _compared("runs/pets/2")["n"] == 6
    assert json.loads(Path("runs/pets/2/metrics.json").read_text())["n"] == 9


@pytest.mark.very_slow
def test_a_run_in_folds_stays_in_folds_and_is_compared_by_pictures_held_out(
    cli: Callable, class_folders: Callable
) -> None:
    class_folders(root=Path("pets"), per_class=6)
    assert cli("run", "pets", *SMALL).status == 0
    class_folders(("cat", "dog", "owl"), root=Path("all"), per_class=6)
    shutil.copytree("pets/cat", "all/owl", dirs_exist_ok=True)  # cats are owls, and dogs stay
    shutil.copytree("pets/dog", "all/dog", dirs_exist_ok=True)
    done = cli("run", "all", "--from", "runs/pets/1")
    assert done.status == 0, done.err
    assert "another class than before: owl/0.png is owl, and was cat" in done.err
    about = _compared("runs/all/1")
    assert (about["n"], about["new_classes"]) == (6, ["owl"])  # cats that are owls now could not be right before
    assert {row["split"] for row in _rows("runs/all/1/split.csv")} == {"train"}


@pytest.mark.very_slow
def test_a_run_by_rounds_of_training_is_trained_anew_and_repeats_from_its_experiment(
    cli: Callable, class_folders: Callable, tiny: str
) -> None:
    assert cli("run", tiny).status == 0
    class_folders(root=Path("more"), per_class=5)
    for label in ("cat", "dog"):
        for path in Path("more", label).iterdir():
            path.rename(Path("pictures", label, f"more-{path.name}"))
    done = cli("run", "pictures", "--from", "runs/tiny/1")
    assert done.status == 0, done.err
    counts = Counter(row["split"] for row in _rows("runs/pictures/1/split.csv"))
    assert counts == {"train": 18, "validation": 8, "test": 8}
    assert _compared("runs/pictures/1")["n"] == 6
    assert cli("run", "runs/pictures/1/experiment.yaml").status == 0
    for name in ("split.csv", "metrics.json"):
        assert Path("runs/experiment/1", name).read_bytes() == Path("runs/pictures/1", name).read_bytes()


def _predicted(run: str, answers: dict[str, tuple[str, str, str]], classes: tuple[str, ...]) -> RunFolder:
    """Writes a run's split.csv and predictions.csv of (content, true, predicted) by path."""
    folder = RunFolder(Path(run))
    folder.path.mkdir(parents=True)
    rows = [f"{path},{true},test,{content}" for path, (content, true, _) in answers.items()]
    folder.split.write_text("\n".join(["path,class,split,sha256", *rows]) + "\n")
    found = [Prediction(path, true, said, (1.0,) * len(classes)) for path, (_, true, said) in answers.items()]
    write_predictions(folder.predictions, classes, found)
    return folder


def test_what_was_forgotten_is_counted_by_content_on_pictures_of_classes_that_both_know(place: Path) -> None:
    _predicted(
        "old",
        {
            "1": ("a", "cat", "cat"),
            "2": ("b", "cat", "cat"),
            "3": ("c", "dog", "cat"),
            "4": ("d", "dog", "dog"),
            "5": ("e", "dog", "dog"),
            "6": ("gone", "dog", "dog"),
        },
        ("cat", "dog"),
    )
    new = _predicted(
        "new",
        {
            "4": ("a", "cat", "owl"),  # what was called 1
            "1": ("b", "cat", "dog"),
            "3": ("c", "dog", "dog"),
            "2": ("d", "dog", "dog"),
            "5": ("e", "owl", "owl"),
            "7": ("new", "dog", "cat"),
        },
        ("cat", "dog", "owl"),
    )
    assert compared_with(new, Path("old/split.csv")) == {
        "compared_with": {
            "run": "old",
            "n": 4,
            "accuracy_before": 0.75,
            "accuracy": 0.5,
            "became_wrong": 2,
            "became_right": 1,
            "p": 1.0,
            "new_classes": ["owl"],
            "taken_for_new_classes": 1,
        }
    }
    Path("old/predictions.csv").unlink()
    assert compared_with(new, Path("old/split.csv")) == {}


def _unfinished(run: Path) -> None:
    (run / "metrics.json").unlink()


def _without_split(run: Path) -> None:
    (run / "split.csv").unlink()


def _no_run(run: Path) -> None:
    shutil.rmtree(run)


def _strange(run: Path) -> None:
    rows = (run / "split.csv").read_text().splitlines()
    changed = [rows[0], *(row.rpartition(",")[0] + "," + "0" * 64 for row in rows[1:])]
    (run / "split.csv").write_text("\n".join(changed) + "\n")


def _of_a_split_folder(run: Path) -> None:
    text = (run / "experiment.yaml").read_text()
    begin, end = text.index("  split:\n"), text.index("  parts_of:")
    (run / "experiment.yaml").write_text(text[:begin] + text[end:])


REFUSED = [
    (_unfinished, (), "received an unfinished one: `kerasvgg run old --resume` goes on with it"),
    (_without_split, (), "received old without split.csv"),
    (_no_run, (), "`--from` must be the folder of a finished run, received nothing: old"),
    (_strange, (), "`pictures` must have pictures of the earlier split, received none with their content"),
    (_of_a_split_folder, (), "`--from` must be a run that divided its pictures itself, received old"),
    (lambda run: None, ("--quick",), "`--from` must go without `--quick`"),
    (lambda run: None, ("data.parts_of=nowhere.csv",), "`nowhere.csv` can't be read"),
]


@pytest.mark.parametrize(("change", "more", "told"), REFUSED, ids=lambda one: getattr(one, "__name__", None))
def test_what_no_run_can_be_brought_up_to_date_from_is_refused_and_nothing_is_written(
    cli: Callable, old: Path, standing: Callable, change: Callable, more: tuple[str, ...], told: str
) -> None:
    change(Path("old"))
    before = standing()
    done = cli("run", old, "--from", "old", *more)
    assert (done.status, done.out) == (2, "")
    assert told in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert standing() == before


def test_an_experiments_file_a_folder_that_is_split_and_a_file_as_run_are_refused(
    cli: Callable, trained: Path, standing: Callable, tiny: str
) -> None:
    shutil.copytree("pictures", "parted/train")
    shutil.copytree("pictures", "parted/test")
    before = standing()
    for what, run, told in (
        (tiny, trained, "`--from` must go with a folder of pictures, received tiny.yaml"),
        ("parted", trained, "`parted` is split already and keeps its split"),
        ("pictures", tiny, "`--from` must be the folder of a finished run, received a file: tiny.yaml"),
    ):
        done = cli("run", what, "--from", run)
        assert done.status == 2
        assert told in " ".join(done.err.split())
    assert standing() == before


def test_parts_of_an_earlier_run_need_a_split_for_what_is_new(cli: Callable, tiny: str) -> None:
    done = cli("run", tiny, "data.split=null", "data.parts_of=old/split.csv")
    assert done.status == 2
    assert "must go together with `data.split`" in done.err
    assert not Path("runs").exists()
