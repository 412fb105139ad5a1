"""A CSV file of labels through every command that takes one, and runs whose split has groups."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from kerasvgg.config.load import load_experiments
from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.folder.manifest import write_manifest
from kerasvgg.errors import DataError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.runs.pictures import run_source
from kerasvgg.runs.prepare import prepare

LABELLED = "  dataset: pets\n  labels: mine.csv\n"


@pytest.fixture
def pets(tiny: str, class_folders: Callable[..., Path]) -> Path:
    """Pictures c0.png to c11.png and d0.png to d11.png, mine.csv with their classes and groups, and an experiment."""
    root: Path = class_folders(("c", "d"), root=Path("pets"))
    for path in [*root.rglob("*.png")]:
        path.rename(root / f"{path.parent.name}{path.name}")
    for name in "cd":
        (root / name).rmdir()
    Path(tiny).write_text(Path(tiny).read_text().replace("  dataset: pictures\n", LABELLED))
    write()
    return root


def write(more: Callable[[int], str] = lambda i: f",p{i // 3}", columns: str = ",group") -> None:
    rows = [f"{short}{i}.png,{label}{more(i)}" for short, label in (("c", "cat"), ("d", "dog")) for i in range(12)]
    Path("mine.csv").write_text("\n".join([f"path,class{columns}", *rows]) + "\n")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_init_writes_the_labels_that_it_was_given_and_none_that_it_found(cli: Callable, pets: Path) -> None:
    done = cli("init", "pets", "--labels", "mine.csv")
    assert done.out.startswith("experiment.yaml: 24 files of 2 classes (cat, dog)\n")
    assert done.err == "classes from mine.csv\n"
    assert load_experiments("experiment.yaml")[""].data.labels == "mine.csv"
    assert cli("validate", "experiment.yaml").status == 0
    Path("mine.csv").rename("pets/labels.csv")
    assert cli("init", "pets", "--output", "found.yaml").err == "classes from pets/labels.csv\n"
    assert load_experiments("found.yaml")[""].data.labels is None


def test_init_quotes_whatever_the_labels_are_called(cli: Callable, pets: Path) -> None:
    Path("mine.csv").rename("null: [a]\\.csv")
    assert cli("init", "pets", "--labels", "null: [a]\\.csv").status == 0
    assert load_experiments("experiment.yaml")[""].data.labels == "null: [a]\\.csv"


def test_split_keeps_groups_whole_and_notes_them(cli: Callable, pets: Path) -> None:
    done = cli("split", "pets", "made", "--labels", "mine.csv", "--validation", "0.25", "--test", "0.25")
    assert done.out.startswith("train: 12 pictures (6 cat, 6 dog)\nvalidation: 6 pictures (3 cat, 3 dog)\ntest: 6")
    parts = defaultdict(set)
    for row in rows_of(Path("made/split.csv")):
        assert Path("made", row["path"]).is_file()
        parts[row["group"]].add(row["split"])
    assert sorted(parts) == ["p0", "p1", "p2", "p3"]
    assert all(len(found) == 1 for found in parts.values())
    write(more=lambda i: "", columns="")
    assert cli("split", "pets", "other", "--labels", "mine.csv", "--validation", "0.25").status == 0
    assert list(rows_of(Path("other/split.csv"))[0]) == ["path", "class", "split", "sha256"]


def test_check_counts_its_classes_and_finds_divided_groups(cli: Callable, pets: Path) -> None:
    assert cli("check", "pets", "--labels", "mine.csv").status == 0
    write(more=lambda i: f",{'train' if i < 8 else 'test'},p{i // 3}", columns=",split,group")
    done = cli("check", "pets", "--labels", "mine.csv", "--json")
    assert done.status == 1
    told = json.loads(done.out)
    assert told["classes"] == {name: {"all": 12, "train": 8, "test": 4} for name in ("cat", "dog")}
    found = [one for one in told["findings"] if one["kind"] == "group-across-parts"]
    assert [(one["paths"], one["text"]) for one in found] == [(["c8.png", "c6.png"], "group p2, test and train")]


def test_check_takes_no_labels_beside_an_experiment_that_has_them(cli: Callable, pets: Path, tiny: str) -> None:
    done = cli("check", tiny, "--labels", "mine.csv")
    assert (done.status, done.out) == (2, "")
    assert "`--labels` must be left out where tiny.yaml is an experiment, which has `data.labels`" in done.err
    assert cli("check", tiny).status == 0


@pytest.mark.parametrize(
    "command",
    [
        ("init", "pets", "--labels", "mine.csv"),
        ("split", "pets", "made", "--labels", "mine.csv", "--validation", "0.5"),
        ("check", "pets", "--labels", "mine.csv"),
        ("run", "tiny.yaml"),
    ],
    ids=lambda command: command[0],
)
def test_wrong_rows_are_told_by_every_command_and_nothing_is_written(
    cli: Callable, pets: Path, standing: Callable, command: tuple[str, ...]
) -> None:
    Path("mine.csv").write_text("path,class\nc0.png,cat\nno\x1b.png,dog\nd0.png,a||b\n")
    before = standing()
    done = cli(*command)
    assert (done.status, done.out) == (2, "")
    assert "mine.csv:3: 'no\\x1b.png' must be a file in `pets`: there is no such file\nmine.csv:4: `class`" in done.err
    assert "Traceback" not in done.err
    assert standing() == before


def test_a_group_in_two_parts_of_its_own_split_is_refused_or_accepted(cli: Callable, pets: Path, tiny: str) -> None:
    write(more=lambda i: f",{'train' if i < 8 else 'validation'},p{i // 3}", columns=",split,group")
    done = cli("run", tiny, "data.split=null")
    assert (done.status, done.out) == (2, "")
    assert (
        "`pets` must be split into parts without the same groups; received 1 group in two parts: p2 (train: c6.png, "
        "validation: c8.png). Put each group into one part, or say `data.accept_duplicates: true`"
    ) in done.err
    assert not Path("runs").exists()
    prepare(load_experiments(tiny, ["data.split=null", "data.accept_duplicates=true"])[""])


def test_labels_and_a_folder_for_each_part_do_not_go_together(cli: Callable, pets: Path, tiny: str) -> None:
    done = cli("validate", tiny, "data.dataset={train: pets, validation: pets}", "data.split=null")
    assert done.status == 2
    assert "`data.labels` must be null, because `data.dataset` names the parts" in done.err


@pytest.mark.very_slow
def test_a_run_with_groups_is_resumed_evaluated_and_found_again(cli: Callable, pets: Path, tiny: str) -> None:
    assert cli("run", tiny).status == 0
    folder = RunFolder(Path("runs/tiny/1"))
    before = folder.split.read_bytes()
    assert {row["group"] for row in rows_of(folder.split)} == {"p0", "p1", "p2", "p3"}
    done = cli("evaluate", folder.path)
    assert done.status == 0
    assert done.err == "classes from mine.csv\n"
    assert all(row["group"] for row in rows_of(folder.evaluations / "1" / "split.csv"))
    for path in (folder.metrics, folder.evaluations / "1" / "metrics.json"):
        figures = json.loads(path.read_text())  # the interval is that of groups, which may be right or wrong as one
        assert 1 <= figures["independent"] < figures["n"]
    folder.metrics.unlink()
    done = cli("run", folder.path, "--resume")
    assert done.status == 0, done.err
    assert folder.split.read_bytes() == before
    assert folder.metrics.is_file()


def test_a_resumed_run_notices_another_class_and_goes_on_with_the_old_one_when_forced(
    cli: Callable, pets: Path, tiny: str
) -> None:
    experiment = load_experiments(tiny)[""]
    begun = prepare(experiment)
    folder = RunFolder.create(Path("runs"), "tiny")
    write_manifest(folder.split, begun.split.pictures)
    folder.experiment.write_text(dump_experiment(experiment))
    assert prepare(experiment, folder).split.pictures == begun.split.pictures
    Path("mine.csv").write_text(Path("mine.csv").read_text().replace("c0.png,cat", "c0.png,dog"))
    done = cli("run", folder.path, "--resume")
    assert done.status == 2
    assert "c0.png: its class is another one since the split was planned, dog" in done.err
    assert prepare(experiment, folder, force=True).split.pictures == begun.split.pictures


def test_labels_that_are_gone_say_where_a_relative_path_is_meant_from(pets: Path, tiny: str) -> None:
    folder = RunFolder.create(Path("runs"), "tiny")
    folder.experiment.write_text(Path(tiny).read_text().replace("dataset: pets", f"dataset: {pets.absolute()}"))
    Path("mine.csv").unlink()
    with pytest.raises(DataError, match=r"`mine.csv` can't be read: No such file .* meant from where `runs/tiny/1`"):
        run_source(folder)


def test_what_split_would_refuse_it_refuses_without_writing_too(cli: Callable, pets: Path) -> None:
    Path("mine.csv").write_text("path,class\n" + "".join(f"c{i}.png,{('cat', 'cat|dog')[i % 2]}\n" for i in range(12)))
    done = cli("split", "pets", "divided", "--labels", "mine.csv", "--validation", "0.5", "--dry-run")
    assert (done.status, done.out) == (2, "")
    assert "must be of pictures with one class each" in done.err
