"""Several classes a picture, through the commands: pairs of digits, of which 8 and 9 are none of the classes."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    precision_recall_fscore_support,
)

from kerasvgg.modelfile.description import read_description

NAMES = ("0", "1", "2", "3")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def require_scikit_learns(run: Path) -> dict:
    """Holds all figures of predictions.csv against scikit-learn's, which gets them by its own reading of the file."""
    rows, told = rows_of(run / "predictions.csv"), json.loads((run / "metrics.json").read_text())
    true, said = (
        np.array([[name in row[key].split("|") for name in NAMES] for row in rows]) for key in ("true", "predicted")
    )
    probabilities = np.array([[float(row[f"p:{name}"]) for name in NAMES] for row in rows])
    assert (told["n"], told["accuracy"]) == (len(rows), accuracy_score(true, said))
    assert told["mean_average_precision"] == pytest.approx(
        average_precision_score(true, probabilities, average="macro")
    )
    for average in ("micro", "macro"):
        assert told[f"f1_{average}"] == pytest.approx(f1_score(true, said, average=average, zero_division=0))
    each = precision_recall_fscore_support(true, said, zero_division=0)
    precisions = average_precision_score(true, probabilities, average=None)
    for name, *theirs in zip(NAMES, *each, precisions, strict=True):
        report = told["per_class"][name]
        mine = [report[key] for key in ("precision", "recall", "f1", "n", "average_precision")]
        assert mine == pytest.approx(theirs)
    return told


def test_a_run_says_which_classes_are_there_and_its_figures_are_scikit_learns(trained_on_pairs: Path) -> None:
    told = require_scikit_learns(trained_on_pairs)
    assert (told["split"], told["multi_label"]) == ("test", True)
    about = read_description(trained_on_pairs / "model.keras")
    assert about is not None
    assert about.class_names == NAMES
    for row in rows_of(trained_on_pairs / "predictions.csv"):
        over = zip(NAMES, about.thresholds or (), strict=True)
        assert row["predicted"] == "|".join(name for name, least in over if float(row[f"p:{name}"]) >= least)
    labels = {row["true"] for row in rows_of(trained_on_pairs / "predictions.csv")}
    assert "" in labels
    assert any("|" in label for label in labels)
    assert {path.name for path in trained_on_pairs.glob("*.png")} >= {"classes.png", "reliability.png", "mistakes.png"}
    assert not (trained_on_pairs / "confusion.png").exists()


@pytest.mark.slow
def test_a_model_with_several_classes_is_evaluated_again_and_on_single_ones(
    cli: Callable, trained_on_pairs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trained_on_pairs.parents[2])
    done = cli("evaluate", trained_on_pairs, "--output", "again")
    assert done.status == 0, done.out + done.err
    assert "the same as the run's: 0 pictures are taken for another class" in done.out
    require_scikit_learns(Path("again"))
    for name in ("0", "3"):
        (Path("folders") / name).mkdir(parents=True)
        shutil.copy("pictures/0.png", Path("folders") / name / "same.png")
    assert cli("evaluate", trained_on_pairs, "folders", "--output", "on-folders").status == 0
    assert [row["true"] for row in rows_of(Path("on-folders/predictions.csv"))] == ["0", "3"]


def test_a_model_of_one_class_a_picture_is_not_evaluated_on_several(
    cli: Callable, trained: Path, digit_pairs: Callable
) -> None:
    digit_pairs(Path("pairs"), 30)
    done = cli("evaluate", trained, "pairs", "--output", "made")
    assert (done.status, done.out) == (2, "")
    assert "pictures in `pairs` must have one class each, as the model says one; received such with several" in done.err
    assert not Path("made").exists()


def test_predict_says_the_classes_from_their_thresholds_on(cli: Callable, trained_on_pairs: Path, place: Path) -> None:
    pictures = trained_on_pairs.parents[2] / "pictures"
    done = cli("predict", trained_on_pairs, pictures, "--json")
    said = {Path(row["path"]).name: row["predicted"] for row in map(json.loads, done.out.splitlines())}
    rows = rows_of(trained_on_pairs / "predictions.csv")
    assert len(rows) > 20
    assert {row["path"]: row["predicted"] for row in rows} == {row["path"]: said[row["path"]] for row in rows}
    alone = next(row for row in rows if "|" in row["predicted"])
    done = cli("predict", trained_on_pairs, pictures / alone["path"], "--top", 1)
    assert f"{alone['path']}: {alone['predicted']} (" in done.out
    done = cli("predict", trained_on_pairs, pictures, "--unsure", 0.5)
    assert (done.status, done.out) == (2, "")
    assert "`--unsure` must be left out for a model of several classes a picture" in done.err


def test_inspect_shows_the_thresholds(cli: Callable, trained_on_pairs: Path) -> None:
    about = read_description(trained_on_pairs / "model.h5")
    assert about is not None
    assert (
        f"at least: {', '.join(map(str, about.thresholds or ()))}" in cli("inspect", trained_on_pairs / "model.h5").out
    )


def test_runs_are_compared_class_by_class_and_not_with_one_class_a_picture(
    cli: Callable, trained_on_pairs: Path, trained: Path, place: Path
) -> None:
    other = shutil.copytree(trained_on_pairs, place / "other")
    text = (other / "predictions.csv").read_text().splitlines()
    header, *rows = [line.split(",") for line in text]
    turned = [[row[0], row[1], "" if row[1] else "0|1|2|3", *row[3:]] for row in rows]  # all are wrong
    (other / "predictions.csv").write_text("\n".join(",".join(row) for row in [header, *turned]) + "\n")
    done = cli("compare", trained_on_pairs, other, "--output", "compared")
    assert done.status == 0, done.err
    told = json.loads(Path("compared/metrics.json").read_text())
    assert list(told["classes"]) == list(NAMES)
    (pair,) = told["classes"]["0"]
    true, said, wrong = (
        np.array(["0" in row[place].split("|") for row in some]) for some, place in ((rows, 1), (rows, 2), (turned, 2))
    )
    right, also = true == said, true == wrong
    assert (pair["b"], pair["c"]) == ((right & ~also).sum(), (also & ~right).sum())
    assert "no evidence" in done.out or "better" in done.out
    done = cli("compare", trained_on_pairs, trained, "--output", "refused")
    assert (done.status, done.out) == (2, "")
    assert "the runs must all say one class for a picture, or all several; received" in done.err
    assert not Path("refused").exists()


def test_a_prediction_of_a_class_that_is_none_is_refused(cli: Callable, trained_on_pairs: Path, place: Path) -> None:
    other = shutil.copytree(trained_on_pairs, place / "other")
    header, first, *rest = (other / "predictions.csv").read_text().splitlines()
    path, true, _, *shares = first.split(",")
    (other / "predictions.csv").write_text(
        "\n".join([header, ",".join([path, true, "0|nobody", *shares]), *rest]) + "\n"
    )
    done = cli("compare", trained_on_pairs, other)
    assert (done.status, done.out) == (2, "")
    assert "a class must be one of 0, 1, 2, 3; received 'nobody'" in done.err
    assert not Path("comparisons").exists()


def test_check_counts_classes_and_finds_nothing_wrong_with_several(cli: Callable, digit_pairs: Callable) -> None:
    root = digit_pairs(Path("pairs"), 60)
    done = cli("check", root, "--json")
    told = json.loads(done.out)
    assert set(told["classes"]) == set(NAMES)
    labels = [row["class"].split("|") for row in rows_of(root / "labels.csv")]
    assert {name: counts["all"] for name, counts in told["classes"].items()} == {
        name: sum(name in label for label in labels) for name in NAMES
    }
    assert not [one for one in told["findings"] if "two-classes" in one["kind"]]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["data.split={train: 6, validation: 3}"], "must be fractions where pictures have several classes"),
        (["train.0.class_weight=balanced"], "`class_weight` must be null where pictures have several classes"),
        (["model.head.output=softmax"], "`output` must be sigmoid, or null, where pictures have several classes"),
    ],
)
def test_what_several_classes_have_no_meaning_for_is_refused(
    cli: Callable, tiny: str, digit_pairs: Callable, settings: list[str], said: str
) -> None:
    digit_pairs(Path("pairs"), 40)
    done = cli("run", tiny, "data.dataset=pairs", "data.split={validation: 0.25}", *settings)
    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert not Path("runs").exists()


@pytest.mark.very_slow
def test_auto_solves_a_head_for_each_class_and_finds_its_thresholds_in_folds(
    cli: Callable, untrained_vgg16: None, digit_pairs: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kerasvgg.selection.choice.COARSE", (1.0,))  # fewer strengths take less time
    digit_pairs(Path("pairs"), 80)
    done = cli("run", "pairs", "data.image_size=[32, 64]")
    assert done.status == 0, done.err
    told = require_scikit_learns(Path("runs/pairs/1"))
    assert (told["split"], told["n"]) == ("folds", 80)
    done = cli("evaluate", "runs/pairs/1", "pairs", "--output", "on-all")
    assert done.status == 0, done.err
    assert require_scikit_learns(Path("on-all"))["f1_micro"] > told["f1_micro"]  # these it has seen
    done = cli("learning-curve", "pairs", "data.image_size=[32, 64]")
    assert done.status == 2
    assert "a learning curve must be of pictures with one class each" in done.err


@pytest.mark.slow
def test_folds_of_a_training_take_thresholds_from_their_own_validation(
    cli: Callable, tiny: str, digit_pairs: Callable
) -> None:
    digit_pairs(Path("pairs"), 60)
    done = cli("crossvalidate", tiny, "--folds", 2, "data.dataset=pairs", "data.split={validation: 0.25}")
    assert done.status == 0, done.err
    told = require_scikit_learns(Path("runs/tiny/crossvalidation/1"))
    assert (told["split"], told["n"], len(told["per_fold"])) == ("folds", 60, 2)
