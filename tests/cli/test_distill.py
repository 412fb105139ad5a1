"""kerasvgg distill: a small network learns what a run's model says, and what held out pictures are stays unknown."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.runs.trained import Trained

SHORT = ("data.image_size=[32, 32]", "train.0.epochs=1", "train.1.epochs=1", "train.2.epochs=1")


@pytest.fixture
def teacher(cli: Callable, tiny: str) -> str:
    """A finished run."""
    assert cli("run", tiny).status == 0
    return f"runs/{Path(tiny).stem}/1"


def rows(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_student_and_one_on_labels_alone_are_compared_with_the_teacher(
    cli: Callable, teacher: str, class_folders: Callable
) -> None:
    more = class_folders(root=Path("more").absolute(), per_class=2, flat=True)
    shutil.copy(Path("pictures") / rows(f"{teacher}/split.csv")[0]["path"], more / "known.png")
    done = cli("distill", teacher, *SHORT, "--size", "tiny", "--views", 3, "--unlabelled", more)
    assert done.status == 0, done.err
    assert "unlabelled: 4 pictures" in done.err
    assert "looks at 48 views, each once" in done.err  # (12 + 4) x 3
    student, alone = (f"runs/tiny-1-tiny/{name}/1" for name in ("distilled", "labels_alone"))
    parts = [{row["path"]: row["split"] for row in rows(f"{run}/split.csv")} for run in (teacher, student, alone)]
    assert parts[0] == parts[1] == parts[2]
    assert done.out.count("by McNemar's exact test") == 3
    assert json.loads(Path(student, "metrics.json").read_text())["compared_with"]["n"] == 6
    model = Trained.open(student)
    assert (model.description.base, model.description.class_names) == ("mobilenet_025", ("cat", "dog"))
    again = cli("distill", teacher, *SHORT, "--size", "tiny", "--views", 3, "--unlabelled", more, "--resume")
    assert (again.status, again.err.count("is finished already")) == (0, 2)


def test_a_teacher_that_knows_what_is_held_out_or_other_classes_is_refused(cli: Callable, teacher: str) -> None:
    other = ("data.parts_of=null", "data.split.train=3", "data.split.test=6")
    done = cli("distill", teacher, *other)
    assert (done.status, Path("runs/tiny-1-small").exists()) == (2, False)
    assert "`distill.teacher` must not have learnt from pictures that are held out here" in done.err
    assert f"data.parts_of: {teacher}/split.csv" in done.err
    Path("pictures/cat").rename("pictures/lion")
    done = cli("distill", teacher, "data.parts_of=null")
    assert (done.status, "must know the classes dog, lion; received one of cat, dog" in done.err) == (2, True)
    Path(teacher, "metrics.json").unlink()
    done = cli("distill", teacher)
    assert (done.status, f"`kerasvgg run {teacher} --resume` goes on with it" in done.err) == (2, True)


def test_what_a_student_cannot_be_is_refused_before_anything_is_written(cli: Callable, teacher: str) -> None:
    refused = {
        "model.head.output=null": "must have `model.head.output: softmax` with `distill`",
        "augment_copies=fresh": "must have a number of `augment_copies` with `distill`",
        "workers=2": "must leave out `workers` with `distill`",
        "distill.teacher=nowhere": "nowhere",
    }
    for setting, told in refused.items():
        done = cli("distill", teacher, setting, "--no-alone")
        assert (done.status, told in done.err) == (2, True), done.err
    assert not Path("runs/tiny-1-small").exists()
