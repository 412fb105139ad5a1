"""kerasvgg run on a folder that `kerasvgg features` has filled: no picture is needed any more."""

import csv
import json
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from kerasvgg.features import table
from kerasvgg.training.checkpoint import CheckpointWriter

pytestmark = pytest.mark.skipif(find_spec("pyarrow") is None, reason="no pyarrow: `pip install 'kerasvgg[sources]'`")
SPLIT = "data.split={validation: 0.4, test: 0.2}"  # so that each part has cats and dogs


@pytest.fixture
def made(cli: Callable, frozen: str) -> str:
    """The experiment, with its features in the folder `made`, of some pictures more: copies, one of both classes."""
    (Path("pictures") / "cat" / "copy.png").write_bytes((Path("pictures") / "cat" / "0.png").read_bytes())
    (Path("pictures") / "dog" / "cat.png").write_bytes((Path("pictures") / "cat" / "1.png").read_bytes())
    (Path("pictures") / "no class.png").write_bytes((Path("pictures") / "cat" / "2.png").read_bytes() + b"1")
    done = cli("features", frozen, "pictures", "--output", "made")
    assert done.status == 0, done.err
    return frozen


def table_of(path: str) -> list[dict[str, str]]:
    with Path(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@pytest.mark.parametrize("in_memory", [True, pytest.param(False, marks=pytest.mark.very_slow)])
def test_a_head_is_trained_and_scored_on_features_by_their_hashes(
    cli: Callable, made: str, monkeypatch: pytest.MonkeyPatch, in_memory: bool
) -> None:
    if not in_memory:
        monkeypatch.setattr(table, "IN_MEMORY", 0)
    done = cli("run", made, "data.dataset=made", SPLIT)
    assert done.status == 0, done.err
    assert "left out: 1 pictures of no class that is asked for" in done.err
    assert "left out: 1 contents of several classes" in done.err
    (run,) = Path("runs/frozen").iterdir()
    held_out = table_of(f"{run}/split.csv")
    shares = {one["sha256"]: int(one["sha256"][:16], 16) / 2**64 for one in held_out}
    for one in held_out:
        assert one["split"] == ("test" if shares[one["sha256"]] < 0.2 else "validation")
    from pyarrow import parquet

    everything = {one["sha256"]: one for one in parquet.read_table("made/pictures.parquet").to_pylist()}
    expected = [sha for sha in everything if int(sha[:16], 16) / 2**64 < 0.6]
    gone = {sha for sha in expected if everything[sha]["path"].endswith("no class.png")}
    assert len({one["sha256"] for one in held_out}) == len(held_out)
    assert set(expected) - {one["sha256"] for one in held_out} <= gone | {twice(everything)}
    about = json.loads((run / "environment.json").read_text())
    assert about["images"] == 23
    assert about["frozen_layers"]["largest_difference"] < 1e-4
    # The model predicts the pictures themselves as the run predicted their features.
    told = {row["path"]: row for row in table_of(f"{run}/predictions.csv")}
    assert len(told) == sum(one["split"] == "test" for one in held_out)
    for path, row in told.items():
        done = cli("predict", run, f"/{path}", "--json", "--top", 2)
        assert json.loads(done.out)["top"]["cat"] == pytest.approx(float(row["p:cat"]), abs=1e-5)


def twice(everything: dict[str, dict[str, str]]) -> str:
    """The content that is in both classes."""
    return next(sha for sha, one in everything.items() if one["path"].endswith("dog/cat.png"))


@pytest.mark.slow
def test_head_and_then_a_block_are_trained_on_the_features_before_it(cli: Callable, frozen: str) -> None:
    text = Path(frozen).read_text()
    phases = (
        "{layers: head, epochs: 1, learning_rate: 1e-3}",
        "{layers: [block5, head], epochs: 1, learning_rate: 1e-4}",
    )
    Path(frozen).write_text(text[: text.index("  - {")] + "".join(f"  - {one}\n" for one in phases))
    assert cli("features", frozen, "pictures", "--output", "made").status == 0
    done = cli("run", frozen, "data.dataset=made", SPLIT)
    assert done.status == 0, done.err
    assert "training block5+head layers" in done.err


@pytest.mark.slow
def test_a_run_on_features_goes_on_to_the_same_end(cli: Callable, made: str, monkeypatch) -> None:
    words = ["run", made, "data.dataset=made", SPLIT, "train.0.epochs=3"]
    assert cli(*words, "--runs", "whole").status == 0
    write = CheckpointWriter.__call__

    def interrupted(self: CheckpointWriter, history: object) -> None:
        write(self, history)
        if len(history.rows) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(CheckpointWriter, "__call__", interrupted)
        patch.setattr("kerasvgg.training.checkpoint.SECONDS_BETWEEN_STATES", 0.0)
        assert "go on with: kerasvgg run runs/frozen/1 --resume" in cli(*words).err
    done = cli("run", "runs/frozen/1", "--resume")
    assert done.status == 0, done.err
    for name in ("history.csv", "predictions.csv", "split.csv"):
        assert Path("runs/frozen/1", name).read_bytes() == Path("whole/frozen/1", name).read_bytes()
    shutil.rmtree("runs")
    with monkeypatch.context() as patch:
        patch.setattr(CheckpointWriter, "__call__", interrupted)
        cli(*words)
    (Path("pictures") / "dog" / "new.png").write_bytes((Path("pictures") / "dog" / "3.png").read_bytes() + b"1")
    cli("features", made, "pictures", "--output", "made")
    done = cli("run", "runs/frozen/1", "--resume")
    assert (done.status, "made: other pictures are held out" in done.err) == (2, True), done.err


REFUSED = {
    "data.split={train: 6, validation: 3, test: 3}": "`data.split` must be fractions with `validation`",
    "data.split={validation: 0.0001, test: 0.1}": "of each class for validation, received none of cat, dog",
    "data.classes=[cat, dgo]": "of each class for train, received none of dgo",
    "data.classes=[cats, dogs]": "`data.dataset` must have pictures of cats, dogs; received none of these classes",
    "feature_dtype=float16": "`made` must have the features of",
    "data.image_size=[64,64]": "`made` must have the features of",
    "data.interpolation=nearest": "`made` must have the features of",
    "train.0.layers='*'": "`train` must leave layers frozen",
    "augment={horizontal_flip: true}": "`augment` must be left out where `data.dataset` is a folder of features",
}


@pytest.mark.slow
def test_what_needs_the_pictures_or_others_is_refused_before_anything_is_written(cli: Callable, made: str) -> None:
    for setting, told in REFUSED.items():
        words = [] if setting.startswith("data.split") else [SPLIT]
        done = cli("run", made, "data.dataset=made", *words, setting)
        assert (done.status, told in done.err) == (2, True), done.err
    path = Path("made/pictures.parquet")
    path.write_bytes(path.read_bytes()[:-30])
    done = cli("run", made, "data.dataset=made", SPLIT)
    assert (done.status, "is damaged" in done.err) == (2, True), done.err
    assert not Path("runs").exists()
