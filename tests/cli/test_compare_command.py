"""Runs held against each other: written by hand, because all that counts is what their files say."""

import csv
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import kerasvgg
from kerasvgg.evaluation.predictions import Prediction, write_predictions
from kerasvgg.evaluation.test_access import record_access, scored_hash

HISTORY = "phase,epoch,loss,accuracy,val_loss,val_accuracy\nall,1,0.5,0.5,0.5,0.5\nall,2,0.4,0.6,0.5,0.6\n"


@pytest.fixture
def pictures(place: Path) -> list[str]:
    """Class folders with 20 pictures, no two alike."""
    names = []
    for i in range(20):
        name = f"{'cat' if i % 2 else 'dog'}/{i}.png"
        (place / "pictures" / name).parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(i).integers(0, 255, (12, 16, 3)).astype(np.uint8)
        Image.fromarray(noise).save(place / "pictures" / name)
        names.append(name)
    return names


@pytest.fixture
def run(place: Path, pictures: list[str]) -> Callable[..., Path]:
    """Writes a folder with predictions of the pictures, wrong on some; by default an evaluation's, with contents."""

    def write(name: str, wrong: set[int] = frozenset(), of: range = range(20), **more: object) -> Path:
        folder = place / name
        folder.mkdir(parents=True)
        classes = more.get("classes", ("cat", "dog"))
        found = []
        for i in of:
            true = pictures[i].partition("/")[0]
            right = true if i not in wrong else {"cat": "dog", "dog": "cat"}[true]
            shares = tuple(0.9 if one == right else 0.1 for one in classes)
            found.append(Prediction(pictures[i], true, right, shares))
        write_predictions(folder / "predictions.csv", classes, found[:: more.get("order", 1)])
        if more.get("contents", True):
            rows = [(one.path, one.true, "test", _hash(place / "pictures" / one.path)) for one in found]
            with (folder / "split.csv").open("w", newline="") as file:
                csv.writer(file).writerows([("path", "class", "split", "sha256"), *rows])
            (folder / "environment.json").write_text(json.dumps({"pictures": "pictures"}))
        figures = {"split": "test", "role": "evaluated", **more.get("figures", {})}
        (folder / "metrics.json").write_text(json.dumps(figures))
        if more.get("history"):
            (folder / "history.csv").write_text(HISTORY)
        return folder

    return write


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_run_is_better_than_another_when_chance_does_not_explain_it(cli: Callable, run: Callable) -> None:
    run("x/good", {19}, history=True)
    bad = run("x/bad", {*range(8), 19}, history=True, order=-1)
    with (bad / "split.csv").open(newline="") as file:
        split = scored_hash((row["class"], row["sha256"]) for row in csv.DictReader(file))
    assert (record_access(split, bad), record_access(split, bad)) == (1, 2)
    done = cli("compare", "x/good", "x/bad")
    assert (done.status, done.err) == (0, "")
    assert re.search(r"x/good +test +95\.0 % \(76\.4 to 99\.1\), n 20 +0\.2152 .* 2 times", done.out)
    assert "x/good and x/bad: only the first is right on 8, only the second on 0" in done.out
    assert "  x/good is better, p = 0.0078 by McNemar's exact test" in done.out
    folder = Path("comparisons/1")
    assert {path.name for path in folder.iterdir()} == {
        "metrics.json", "differences.csv", "differences.png", "curves.png",
    }  # fmt: skip
    with (folder / "differences.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["path"] for row in rows} == {f"{'cat' if i % 2 else 'dog'}/{i}.png" for i in range(8)}
    assert all(row["predicted:x/good"] == row["true"] != row["predicted:x/bad"] for row in rows)
    assert json.loads((folder / "metrics.json").read_text())["pairs"][0]["p"] == 2 / 2**8


def test_being_better_on_pictures_that_were_trained_on_is_told_for_what_it_is(cli: Callable, run: Callable) -> None:
    run("a", figures={"split": "all", "known_before": {"train": 12, "validation": 3}})
    run("b", set(range(8)), figures={"known_before": {}})
    done = cli("compare", "a", "b")
    assert done.status == 0
    assert re.search(r"/a +all, not all new +100\.0 %.*\n.*/b +test +60\.0 %", done.out)
    assert re.fullmatch(
        r"warning: of what \S+/a scored 12 were trained on, 3 were in validation, .*: its figures are too good for "
        r"what is new, and being better here is no evidence for it\n",
        done.err,
    )
    told = json.loads(Path("comparisons/1/metrics.json").read_text())["runs"]
    assert [one.get("known_before") for one in told.values()] == [{"train": 12, "validation": 3}, None]


@pytest.mark.parametrize("known", [7, [], {"train": "x"}, {"train": float("inf")}, {"train": None}])
def test_odd_counts_of_what_was_known_are_no_trouble(cli: Callable, run: Callable, known: object) -> None:
    run("a", figures={"known_before": known})
    run("b")
    assert (cli("compare", "a", "b").status) == 0


def test_without_evidence_it_says_so_and_many_pairs_are_corrected(cli: Callable, run: Callable) -> None:
    for name, wrong in (("a", {0, 1}), ("b", {2}), ("c", set(range(3, 12)))):
        run(name, wrong)
    done = cli("compare", "a", "b", "--output", "ab")
    assert "no evidence that they differ, p = 1 by" in done.out
    assert not Path("ab/curves.png").exists()  # none of them was trained
    shutil.move("pictures", "elsewhere")
    cli("compare", "a", "b", "--output", "gone")
    assert {path.name for path in Path("gone").iterdir()} == {"metrics.json", "differences.csv"}
    done = cli("compare", "a", "b", "c")
    assert done.out.count("Holm") == 3
    assert "p = 0.065 (Holm; 0.065 alone)" not in done.out
    assert "p = 0.064 (Holm; 0.021 alone)" in done.out


def test_other_pictures_are_refused_unless_those_in_common_are_asked_for(
    cli: Callable, run: Callable, standing: Callable
) -> None:
    run("a", {1}, range(15))
    run("b", {1, 7}, range(5, 20))
    run("none", of=range(1))
    before = standing()
    done = cli("compare", "a", "b")
    assert (done.status, done.out) == (2, "")
    assert "10 are common to all of `a` 15, `b` 15: `--common` compares these 10" in done.err
    assert "there is nothing to compare" in cli("compare", "b", "none", "--common").err
    assert standing() == before
    done = cli("compare", "a", "b", "--common")
    assert done.status == 0
    assert "on the 10 pictures that all of them have scored" in done.out
    assert "90.0 % (59.6 to 98.2), n 10" in done.out


def test_pictures_are_known_by_content_wherever_they_lie_and_by_path_where_no_content_is_known(
    cli: Callable, run: Callable
) -> None:
    run("a", {1})
    moved = run("b", {1})
    for name in ("predictions.csv", "split.csv"):
        text = (moved / name).read_text()
        (moved / name).write_text(re.sub(r"^(cat|dog)/", r"elsewhere/\1-", text, flags=re.MULTILINE))
    assert cli("compare", "a", "b").status == 0
    run("bare", {1}, contents=False)
    assert cli("compare", "a", "bare").status == 0
    assert "0 are common" in cli("compare", "b", "bare").err


def test_a_picture_that_is_there_twice_counts_twice(run: Callable, place: Path) -> None:
    shutil.copy(place / "pictures" / "dog" / "0.png", place / "pictures" / "dog" / "2.png")
    done = kerasvgg.compare(run("a", {1}), run("b", {0}))
    assert [figures["n"] for figures in done.figures] == [20, 20]
    assert (done.pairs[0].b, done.pairs[0].c) == (1, 1)


def test_a_picture_that_has_changed_since_is_not_shown(cli: Callable, run: Callable, place: Path) -> None:
    from kerasvgg.evaluation.aligned import align_predictions
    from kerasvgg.runs.disagreements import PictureFinder, disagreements

    runs = align_predictions([run("a", {1, 2}), run("b")])
    keys = disagreements(runs)
    Image.new("RGB", (5, 5)).save(place / "pictures" / "cat" / "1.png")
    shown = {runs[0].predictions[key].path: PictureFinder(runs).pixels(key) for key in keys}
    assert shown["cat/1.png"] is None
    assert shown["dog/2.png"].shape == (224, 224, 3)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda path: path.unlink(), "predictions.csv"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "a pipe"),
        (lambda path: path.write_text("path,true,predicted,p:cat,p:dog\n"), "received no picture"),
        (lambda path: path.write_text("path,true,predicted,p:cat,p:dog\n1,,cat,1,0\n"), "received '' for 1"),
        (lambda path: path.write_text("path,true,predicted,p:cat,p:owl\n1,cat,cat,1,0\n"), "has cat, owl"),
    ],
)
def test_what_can_not_be_compared_is_refused(cli: Callable, run: Callable, spoil: Callable, told: str) -> None:
    run("a")
    spoil(run("b") / "predictions.csv")
    done = cli("compare", "a", "b")
    assert (done.status, done.out) == (2, "")
    assert told in done.err
    assert not Path("comparisons").exists()


def test_one_run_alone_is_nothing_to_compare(cli: Callable, run: Callable) -> None:
    run("a")
    assert "at least two different folders, received 1" in cli("compare", "a", "a").err
