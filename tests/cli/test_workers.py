"""Several processes that train as one: the numbers of one process on whole batches, whatever ends in between."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

EXPERIMENT = """\
seed: 1
workers: {workers}
data:
  dataset: pictures
  split: {{train: 21, validation: 9, test: 3}}
  image_size: [48, 48]
  batch_size: {batch_size}
augment: {{horizontal_flip: true, rotation_range: 20}}
model:
  base: small_cnn
  head: {{units: 8, dropout: 0.5}}
train:
  - {{epochs: 3, optimizer: {optimizer}, learning_rate: 1e-2, class_weight: balanced}}
keep: last
"""
FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(250)]


@pytest.fixture
def asked(place: Path) -> Callable[..., str]:
    """Writes an experiment beside its pictures, of which two classes are hard to tell apart; returns its name."""
    for name, colour in (("blue", (92, 98, 140)), ("red", (140, 98, 92))):
        (place / "pictures" / name).mkdir(parents=True)
        for i in range(33):
            noise = np.random.default_rng(i).integers(-60, 60, (48, 52, 3))
            pixels = (np.array(colour) + noise).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(place / "pictures" / name / f"{i}.png")

    def write(name: str, workers: int, batch_size: int, optimizer: str = "sgd") -> str:
        how = {"workers": workers, "batch_size": batch_size, "optimizer": optimizer}
        Path(name).write_text(EXPERIMENT.format(**how))
        return name

    return write


def history(name: str) -> np.ndarray:
    with (Path("runs") / name / "1" / "history.csv").open() as file:
        return np.array([[float(row[key]) for key in FIGURES] for row in csv.DictReader(file)])


def weights(name: str) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}

    def take(path: str, one: h5py.Dataset | h5py.Group) -> None:
        if isinstance(one, h5py.Dataset) and one.dtype.kind == "f":
            found[path] = one[()]

    with h5py.File(Path("runs") / name / "1" / "model.h5") as file:
        file["model_weights"].visititems(take)
    assert found
    return found


@pytest.mark.parametrize(
    ("optimizer", "near"), [("sgd", 1e-4), pytest.param("rmsprop", 1e-3, marks=pytest.mark.very_slow)]
)
def test_two_processes_come_to_what_one_does_on_batches_twice_as_large(
    process: Callable, asked: Callable, optimizer: str, near: float
) -> None:
    assert process("run", asked("one.yaml", 1, 10, optimizer)).status == 0
    done = process("run", asked("two.yaml", 2, 5, optimizer))
    assert done.status == 0, done.err
    assert "2 processes train as one" in done.err
    np.testing.assert_allclose(history("two"), history("one"), rtol=near)
    if optimizer == "sgd":
        one, two = weights("one"), weights("two")
        assert one.keys() == two.keys()
        whole, other = (np.concatenate([found[name].ravel() for name in one]) for found in (one, two))
        assert np.linalg.norm(other - whole) < near * np.linalg.norm(whole)
        np.testing.assert_allclose(other, whole, atol=1e-4)
    assert list(Path("runs/two").iterdir()) == [Path("runs/two/1")]
    assert json.loads(Path("runs/two/1/environment.json").read_text())["test_seen"] == 2  # and by one.yaml


@pytest.mark.parametrize("victim", ["second", pytest.param("all", marks=pytest.mark.very_slow)])
def test_what_is_killed_goes_on_to_the_same_end(
    process: Callable, environment: dict, asked: Callable, victim: str
) -> None:
    epochs = "train.0.epochs=12"
    assert process("run", asked("whole.yaml", 2, 5), epochs).status == 0
    command = [sys.executable, "-m", "kerasvgg", "run", asked("broken.yaml", 2, 5), epochs]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    states = Path("runs/broken/1")
    _wait(lambda: list(states.rglob("state-*.zip")))
    members = _members(running.pid)
    assert len(members) == 2
    for number in [running.pid, *members] if victim == "all" else members[1:]:
        os.kill(number, signal.SIGKILL)
    told = running.communicate(timeout=200)[1]
    if victim == "all":
        done = process("run", "broken.yaml", epochs, "--resume")
        assert done.status == 0, done.err
        told = done.err
    else:
        assert running.returncode == 0, told
        assert "process 1 ended with -9" in told
    assert re.search(r"going on after epoch \d+", told)
    np.testing.assert_array_equal(history("broken"), history("whole"))


def test_what_all_refuse_is_said_once_and_not_tried_again(process: Callable, asked: Callable) -> None:
    for settings, told in (
        (["model.base=vgg16", "model.batch_normalization=true", "model.weights=null"], "batch normalisation trains"),
        (["data.dataset=nowhere"], "`data.dataset` must be"),
    ):
        done = process("run", asked("two.yaml", 2, 5), *settings)
        assert done.status == 2, done.err
        assert done.err.count(told) == 1, done.err
        assert "begun again" not in done.err
    done = process("run", "two.yaml", "--seeds", 2, "--jobs", 2)
    assert (done.status, "`--jobs` must be 1 with several `workers`" in done.err) == (2, True)


@pytest.mark.very_slow
def test_a_batch_of_one_picture_less_than_there_are_processes(process: Callable, asked: Callable) -> None:
    split = "data.split={train: 18, validation: 8, test: 3}"  # 36 and 16: batches of 5 end with 1
    assert process("run", asked("one.yaml", 1, 5), split).status == 0
    done = process("run", asked("five.yaml", 5, 1), split)
    assert done.status == 0, done.err
    np.testing.assert_allclose(history("five"), history("one"), rtol=1e-4)


@pytest.mark.very_slow
def test_going_on_with_another_number_says_what_changes(process: Callable, environment: dict, asked: Callable) -> None:
    command = [sys.executable, "-m", "kerasvgg", "run", asked("two.yaml", 2, 5), "train.0.epochs=40"]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    _wait(lambda: list(Path("runs/two/1").rglob("state-*.zip")))
    running.send_signal(signal.SIGTERM)
    told = running.communicate(timeout=100)[1]
    assert "go on with: kerasvgg run runs/two/1 --resume" in told
    done = process("run", "runs/two/1", "workers=1", "--resume")
    assert (done.status, "`workers` was 2, is 1" in done.err) == (2, True), done.err
    done = process("run", "runs/two/1", "workers=1", "train.0.epochs=40", "--resume", "--force")
    assert done.status == 0, done.err
    assert "going on although changed: workers: was 2, is not there" in done.err
    assert "going on although changed: batch_size: was 10, is 5" in done.err


def _wait(ask: Callable, seconds: float = 100) -> None:
    end = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < end
        time.sleep(0.02)


def _members(launcher: int) -> list[int]:
    """Returns the processes that were begun by the first, in their order."""
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(launcher)], capture_output=True, text=True, check=True)
    return sorted(map(int, done.stdout.split()))


@pytest.mark.very_slow
def test_seeds_side_by_side_are_what_they_are_one_after_the_other(process: Callable, asked: Callable) -> None:
    words = ["run", asked("one.yaml", 1, 10), "--seeds", 3]
    one_thread = {"KERASVGG_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    assert process(*words, "--runs", "alone", **one_thread).status == 0
    done = process(*words, "--jobs", 2, **one_thread)
    assert done.status == 0, done.err
    assert "one, seed 2: epoch 3/3" in done.err
    assert done.out.count("runs/one/seed-") == 9  # each with its curves and its page
    assert "mean " in done.out
    for seed in (1, 2, 3):
        for name in ("history.csv", "predictions.csv"):
            here, there = (Path(runs) / "one" / f"seed-{seed}" / "1" / name for runs in ("runs", "alone"))
            assert here.read_bytes() == there.read_bytes()


@pytest.mark.skipif(find_spec("ray") is None, reason="no Ray: `pip install 'kerasvgg[cluster]'`")
def test_processes_on_a_cluster_come_to_the_same(process: Callable, asked: Callable) -> None:
    assert process("run", asked("here.yaml", 2, 5)).status == 0
    done = process("run", asked("there.yaml", 2, 5), "--cluster", "local")
    assert done.status == 0, done.err
    np.testing.assert_allclose(history("there"), history("here"), rtol=1e-4)
