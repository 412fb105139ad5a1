"""kerasvgg distill: a small network learns what a run's model says, and what held out pictures are stays unknown."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.runs.trained import Trained

PHASE = '{"layers": "*", "epochs": 3, "optimizer": "adam", "learning_rate": 1e-3}'
SHORT = ("data.image_size=[32, 32]", f"train=[{PHASE}]")


FOLDS = """\
data:
  dataset: pictures
  split: {folds: 3}
  image_size: [48, 48]
  batch_size: 8
model: {base: vgg16}
auto: {fine_tuning: false}
"""


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
    (more / "notes.txt").write_text("no picture")
    done = cli("distill", teacher, *SHORT, "--size", "tiny", "--views", 3, "--unlabelled", more)
    assert done.status == 0, done.err
    assert f"unlabelled: 4 pictures of {more}; 1 are in the split or there twice, 1 files are no pictures" in done.err
    assert "looks at 48 views, each once" in done.err  # (12 + 4) x 3
    student, alone = (f"runs/tiny-1-tiny/{name}/1" for name in ("distilled", "labels_alone"))
    parts = [{row["path"]: row["split"] for row in rows(f"{run}/split.csv")} for run in (teacher, student, alone)]
    assert parts[0] == parts[1] == parts[2]
    assert done.out.count("by McNemar's exact test") == 3
    assert json.loads(Path(student, "metrics.json").read_text())["compared_with"]["n"] == 6
    model = Trained.open(student)
    assert (model.description.base, model.description.class_names) == ("mobilenet_025", ("cat", "dog"))
    assert len(rows(f"{student}/unlabelled.csv")) == 4
    again = cli("distill", teacher, *SHORT, "--size", "tiny", "--views", 3, "--unlabelled", more, "--resume")
    assert (again.status, again.err.count("is finished already")) == (0, 2)
    for name in ("known.png", "notes.txt"):
        (more / name).unlink()
    known = cli("evaluate", student, more)
    assert "4 were trained on" in known.err + known.out, known


@pytest.mark.slow
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


@pytest.mark.slow
def test_students_of_runs_with_one_name_have_files_of_their_own(cli: Callable, teacher: str) -> None:
    shutil.copytree(teacher, "other/tiny/1")
    for run in (teacher, "other/tiny/1", f"./{teacher}"):
        assert cli("distill", run, "workers=2").status == 2  # after the file was written
    files = sorted(Path("runs").glob("*.yaml"))
    assert [path.name for path in files] == ["tiny-1-small-2.yaml", "tiny-1-small.yaml"]
    assert "teacher: other/tiny/1" in files[0].read_text()


@pytest.mark.slow
def test_a_teacher_that_held_nothing_out_is_refused(cli: Callable, teacher: str) -> None:
    Path(teacher, "experiment.yaml").write_text(FOLDS)
    done = cli("distill", teacher)
    assert (done.status, "`RUN` must have held pictures out" in done.err) == (2, True)


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
