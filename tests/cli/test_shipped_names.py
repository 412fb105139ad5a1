"""What a word stands for where an experiment is asked for: a file, a folder, or what comes with kerasvgg."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.config.shipped import experiment_path, nearest, shipped, shipped_folder
from kerasvgg.errors import ConfigError

ROOT = Path(__file__).parents[2]
NEAREST = {
    "quikstart": "quickstart",
    "Quickstart": "quickstart",
    "experiments/quickstart.yaml": "quickstart",
    "feature_extractoin": "cats_and_dogs/feature_extraction",
    "cats_and_dogs/finetune_block5": "cats_and_dogs/fine_tune_block5",
    "flowers/finetune.yaml": "flowers/fine_tune",
}
DIGITS = ("data.image_size=[48, 48]", "data.split={train: 3, validation: 2, test: 2}", "train.0.epochs=1")


def test_the_experiments_of_the_checkout_are_those_that_come_with_it() -> None:
    assert shipped_folder() == ROOT / "experiments"
    assert {"quickstart", "cats_and_dogs/feature_extraction"} <= shipped().keys()
    assert len(shipped()) == len([*(ROOT / "experiments").rglob("*.yaml")])


@pytest.mark.parametrize("word", NEAREST)
def test_a_misspelt_name_is_told_the_nearest(word: str) -> None:
    assert nearest(word)[0] == NEAREST[word]


@pytest.mark.parametrize("word", ["", "x", "/", "pets.yaml", "x" * 10_000, "\u2028"])
def test_what_is_near_nothing_is_told_none(word: str) -> None:
    assert nearest(word) == []


def test_a_file_wins_over_a_folder_and_a_folder_over_a_shipped_name(place: Path) -> None:
    assert experiment_path(Path("gender")) == ROOT / "experiments" / "gender.yaml"
    Path("gender").mkdir()
    assert experiment_path(Path("gender")) == Path("gender")
    Path("gender").rmdir()
    Path("gender").write_text("seed: 0\n")
    assert experiment_path(Path("gender")) == Path("gender")


def test_a_word_that_stands_for_nothing_is_refused(place: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file, .* did you mean `quickstart`"):
        experiment_path(Path("quickstat"))


def test_a_misspelt_folder_or_file_is_told_what_lies_there(place: Path) -> None:
    Path("trash").mkdir()
    Path("pets.yaml").write_text("seed: 0\n")
    Path("tarsh.txt").write_text("no experiment")
    assert nearest("tarsh") == ["trash"]
    assert nearest(f"{place}/pet.yml") == [f"{place}/pets.yaml"]


@pytest.mark.slow
def test_run_says_first_which_it_took(cli: Callable, tiny: str, trained: Path) -> None:
    assert cli("run", tiny).err.splitlines()[0] == "experiment: the file tiny.yaml"
    shutil.copytree(trained, "done")
    done = cli("run", "done", "--resume", "train.0.epochs=3")
    assert done.err.splitlines() == ["experiment: the run folder done", "done is finished already"]


@pytest.mark.slow
def test_run_takes_a_shipped_name(cli: Callable, place: Path) -> None:
    done = cli("run", "quickstart", "--variant", "from_scratch", *DIGITS)
    assert done.status == 0, done.err
    assert done.err.splitlines()[0] == f"experiment: `quickstart`, which is {ROOT / 'experiments' / 'quickstart.yaml'}"
    assert Path("runs/quickstart/from_scratch/1/metrics.json").is_file()


@pytest.mark.slow
def test_the_other_commands_take_it_too(cli: Callable, place: Path, class_folders: Callable) -> None:
    path = ROOT / "experiments" / "quickstart.yaml"
    assert cli("validate", "quickstart").out.startswith(f"{path}: valid (3 experiments")
    assert "`--variant` must be one of from_scratch, feature" in cli("lr-find", "quickstart").err
    picture = next(class_folders(per_class=1).rglob("*.png"))
    drawn = cli("show", "augmentations", "cats_and_dogs/small_cnn_augmented", picture, "--views", 2)
    assert (drawn.status, drawn.err) == (0, ""), drawn.err
    checked = cli("check", "quickstart")
    assert "variant from_scratch" in checked.err
    assert "1,797 pictures" in checked.out
    wrong = [cli(*words, "quickstat") for words in (("validate",), ("lr-find",), ("show", "augmentations"))]
    assert {(done.status, "did you mean `quickstart`?" in done.err) for done in wrong} == {(2, True)}
