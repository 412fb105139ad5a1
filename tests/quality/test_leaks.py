"""What two parts of a split have in common is said before anything is trained."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from kerasvgg.config.load import load_experiments
from kerasvgg.config.writer import dump_experiment
from kerasvgg.data.folder.manifest import write_manifest
from kerasvgg.data.folder.split import plan_split
from kerasvgg.errors import DataError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.quality.copies import leaks
from kerasvgg.runs.prepare import Prepared, prepare
from kerasvgg.runs.run import run

EXPERIMENT = """\
data:
  dataset: pictures
  split: {train: 6, validation: 3, test: 3}
  image_size: [48, 48]
model: {base: small_cnn, head: {units: 4}}
train: [{epochs: 1, learning_rate: 1e-3}]
"""


@pytest.fixture
def root(class_folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(EXPERIMENT)
    return class_folders()


def prepared(*overrides: str) -> Prepared:
    return prepare(load_experiments(Path("x.yaml"), overrides)[""])


def copy(root: Path, source: str, target: str) -> None:
    (root / target).write_bytes((root / source).read_bytes())


def mirror(root: Path, source: str, target: str) -> None:
    with Image.open(root / source) as picture:
        ImageOps.mirror(picture).save(root / target)


def test_a_clean_split_is_silent(root: Path, capsys: pytest.CaptureFixture) -> None:
    prepared()
    assert "warning" not in capsys.readouterr().err


def test_the_same_file_in_two_parts_is_refused_with_both_names(root: Path) -> None:
    copy(root, "cat/0.png", "dog/11.png")
    copy(root, "cat/7.png", "cat/10.png")
    with pytest.raises(DataError) as raised:
        prepared()
    assert "2 pictures" in str(raised.value)
    assert "train: cat/0.png = test: dog/11.png" in str(raised.value)
    assert "validation: cat/7.png = test: cat/10.png" in str(raised.value)
    assert not Path("runs").exists()


def test_the_same_file_twice_in_one_part_is_nothing_to_refuse(root: Path) -> None:
    copy(root, "cat/0.png", "dog/1.png")
    assert prepared()


def test_accepted_duplicates_are_said_aloud(root: Path, capsys: pytest.CaptureFixture) -> None:
    copy(root, "cat/0.png", "dog/11.png")
    prepared("data.accept_duplicates=true")
    assert "accepted: 1 picture in two parts of the split: train: cat/0.png = test: dog/11.png" in (
        capsys.readouterr().err
    )


@pytest.mark.slow
def test_a_run_notes_how_many_it_accepted(root: Path) -> None:
    copy(root, "cat/0.png", "dog/11.png")
    about = json.loads(run(prepared("data.accept_duplicates=true"), "x", Path("runs")).folder.environment.read_text())
    assert about["in_two_parts"] == 1


def test_a_resumed_run_keeps_its_split_unchecked(root: Path, capsys: pytest.CaptureFixture) -> None:
    folder = RunFolder.create(Path("runs"), "x")
    split = plan_split(root, train=6, validation=3, test=3)
    write_manifest(folder.split, split.pictures)
    experiment = load_experiments(Path("x.yaml"))[""]
    write_text(folder.experiment, dump_experiment(experiment))
    copy(root, "cat/0.png", "dog/11.png")
    content = hashlib.sha256((root / "dog" / "11.png").read_bytes()).hexdigest()
    old = next(one.sha256 for one in split.pictures if one.path == "dog/11.png")
    write_text(folder.split, folder.split.read_text().replace(old, content))
    assert prepare(experiment, folder)
    assert "two parts" not in capsys.readouterr().err


def test_what_shows_the_same_in_two_parts_is_a_warning(root: Path, capsys: pytest.CaptureFixture) -> None:
    mirror(root, "cat/0.png", "dog/11.png")
    prepared()
    said = capsys.readouterr().err
    assert "warning: 1 pair of pictures" in said
    assert "train: cat/0.png ~ test: dog/11.png" in said
    assert "kerasvgg check" in said


def test_kept_together_there_is_nothing_left_to_say(root: Path, capsys: pytest.CaptureFixture) -> None:
    copy(root, "cat/0.png", "dog/11.png")
    mirror(root, "cat/1.png", "cat/10.png")
    with pytest.raises(DataError):
        prepared()
    prepared("data.split.keep_together=true")
    assert "warning" not in capsys.readouterr().err


def test_ten_pairs_are_named_and_the_others_counted(root: Path) -> None:
    for i in range(12):
        copy(root, "cat/0.png", f"dog/{i}.png")
    with pytest.raises(DataError, match="6 pictures"):
        leaks(plan_split(root, train=6, validation=3, test=3))
    for i in range(12, 40):
        copy(root, "cat/0.png", f"dog/{i}.png")
        Image.fromarray(np.full((48, 48, 3), i, np.uint8)).save(root / "cat" / f"{i}.png")
    with pytest.raises(DataError, match=r"28 pictures .* and 18 more"):
        leaks(plan_split(root, train=12, validation=14, test=14))
