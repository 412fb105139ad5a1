"""A model judged by any number of pictures: shards, lists, and on a cluster."""

import csv
import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from shapes import write_tar

FIGURES = ("n", "correct", "accuracy", "interval_95", "confusion", "per_class", "scored_sha256", "weights_sha256")


@pytest.fixture
def pets(place: Path, trained: Path) -> Path:
    """The pictures that the model was trained on, and one in the wrong folder, in the working folder."""
    shutil.copytree(trained.parents[2] / "pictures", place / "pets")
    shutil.copy(place / "pets" / "red" / "0.png", place / "pets" / "blue" / "a red one.png")
    return place / "pets"


def metrics(folder: str) -> dict:
    return json.loads(Path(folder, "metrics.json").read_text(encoding="utf-8"))


def predictions(folder: str) -> dict[str, tuple[str, ...]]:
    with Path(folder, "predictions.csv").open(encoding="utf-8", newline="") as file:
        return {Path(path).name: row for path, *row in list(csv.reader(file))[1:]}


@pytest.mark.parametrize("shape", ["shard", pytest.param("list", marks=pytest.mark.slow)])
def test_the_figures_are_those_of_the_same_pictures_in_folders(
    cli: Callable, trained: Path, pets: Path, shape: str
) -> None:
    cli("evaluate", trained, "pets", "--output", "folders")
    paths = sorted(pets.glob("*/*.png"))
    if shape == "shard":
        members = [
            one
            for number, path in enumerate(paths)
            for one in ((f"{number}.png", path.read_bytes()), (f"{number}.cls", path.parent.name.encode()))
        ]
        source = write_tar(Path("pets.tar"), members)
    else:
        source = Path("pets.csv")
        source.write_text("\n".join(["path,class", *(f"{path},{path.parent.name}" for path in paths)]) + "\n")
    done = cli("evaluate", trained, source, "--output", "out")
    assert done.status == 0, done.err
    assert f"{len(paths)} pictures of {len(paths) - 1} contents; 0 could not be decoded" in done.out
    assert "the figures are too good for what is new" in done.err
    ours, expected = metrics("out"), metrics("folders")
    assert {name: ours[name] for name in FIGURES} == {name: expected[name] for name in FIGURES}
    assert ours["loss"] == pytest.approx(expected["loss"], rel=1e-5)
    assert ours["correct"] == len(paths) - 1
    assert Path("out/mistakes.png").is_file()
    assert Path("out/confusion.png").is_file()


def test_the_same_command_goes_on_and_reads_known_files_only_when_asked_to(
    cli: Callable, trained: Path, pets: Path
) -> None:
    first = cli("evaluate", trained, "pets", "--output", "out", "--rehash")
    assert "25 were read and 24 computed; 0 files were known" in first.out
    assert metrics("out")["correct"] == 24
    (pets / "blue" / "a red one.png").rename(pets / "red" / "moved.png")
    again = cli("evaluate", trained, "pets", "--output", "out", "--rehash")
    assert "25 were read and 0 computed; 0 files were known" in again.out
    assert (metrics("out")["n"], metrics("out")["correct"]) == (25, 25)  # of what is there now
    assert "moved.png" in predictions("out")
    assert "a red one.png" not in predictions("out")


@pytest.mark.slow
def test_of_a_split_folder_the_test_part_is_scored(cli: Callable, trained: Path, pets: Path) -> None:
    for part in ("Train", "Test"):
        shutil.copytree(pets, Path("split") / part)
    cli("evaluate", trained, "split", "--output", "out", "--rehash")
    with Path("out/split.csv").open(encoding="utf-8", newline="") as file:
        assert {Path(row["path"]).parents[1].name for row in csv.DictReader(file)} == {"Test"}
    assert (metrics("out")["n"], metrics("out")["split"]) == (25, "test")


def test_a_folder_with_other_files_is_refused_and_stays_as_it_is(cli: Callable, trained: Path, pets: Path) -> None:
    shutil.copytree(trained, "run")
    before = {path.name: path.read_bytes() for path in Path("run").iterdir() if path.is_file()}
    for command in ("evaluate", "predict"):
        done = cli(command, "run", "pets", "--output", "run", "--rehash")
        assert (done.status, "must be a new folder, an empty one, or one of such a job" in done.err) == (2, True)
    assert {path.name: path.read_bytes() for path in Path("run").iterdir() if path.is_file()} == before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("class", "must be among the model's: blue, red; received reds; did you mean `red`?"),
        ("no class", "must have a class, by its folder, shard, table or list; received none for"),
        ("no output", "`PICTURES` and `--output` must be given"),
        ("classes", "--image-size and --preprocessing left out"),
    ],
)
def test_what_can_not_be_judged_is_refused(cli: Callable, trained: Path, pets: Path, wrong: str, told: str) -> None:
    words = ["--output", "out"] if wrong != "no output" else []
    if wrong == "class":
        (pets / "red").rename(pets / "reds")
    if wrong == "no class":
        shutil.copy(pets / "red" / "0.png", pets / "0.png")
    if wrong == "classes":
        words += ["--classes", "red,blue"]
    done = cli("evaluate", trained, "pets", "--rehash", *words)
    assert (done.status, told in done.err) == (2, True), done.err
    assert not Path("out/metrics.json").exists()
    assert not Path("out/predictions.csv").exists()


@pytest.mark.skipif(find_spec("ray") is None, reason="no Ray: `pip install 'kerasvgg[cluster]'`")
@pytest.mark.slow
def test_a_cluster_gives_the_same_figures(cli: Callable, process: Callable, trained: Path, pets: Path) -> None:
    cli("evaluate", trained, "pets", "--output", "here", "--rehash")
    done = process("evaluate", trained, "pets", "--output", "there", "--cluster", "local")
    assert done.status == 0, done.err
    assert "accuracy: 96.0 %" in done.out
    assert metrics("there") == metrics("here")
    assert predictions("there") == predictions("here")
