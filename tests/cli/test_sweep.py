"""kerasvgg sweep: trials by validation, on through kills, and a winner whose test split is looked at once."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.skipif(find_spec("optuna") is None, reason="no Optuna: `pip install 'kerasvgg[sweep]'`")

SWEEP = """\
experiment: tiny.yaml
settings: ["train.0.epochs=3"]
trials: 4
space:
  train.0.learning_rate: {low: 1e-4, high: 1e-2, log: true}
  model.head.units: [4, 8]
"""


@pytest.fixture
def asked(tiny: str) -> str:
    """A sweep's file beside its experiment."""
    Path("search.yaml").write_text(SWEEP)
    return "search.yaml"


def trials(folder: str) -> list[dict[str, str]]:
    with Path(folder, "trials.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.very_slow  # a cluster's trials come to the same below
def test_the_best_by_validation_is_run_and_its_test_split_looked_at_once(
    cli: Callable, asked: str, cache: Path
) -> None:
    done = cli("sweep", asked, "--jobs", 2)
    assert done.status == 0, done.err
    rows = trials("runs/sweeps/search/1")
    assert [row["state"] for row in rows] == ["finished"] * 4
    best = max(rows, key=lambda row: (float(row["val_accuracy"]), -float(row["val_loss"])))
    (run,) = Path("runs/sweeps/search/1/winner").iterdir()
    figures = json.loads((run / "metrics.json").read_text())
    assert figures["selected"] == {"trial": int(best["trial"]), "trials": 4, "by": "val_accuracy"}
    assert figures["validation"]["accuracy"] == pytest.approx(float(best["val_accuracy"]))
    written = (run / "experiment.yaml").read_text()
    assert f"learning_rate: {best['train.0.learning_rate']}" in written
    assert f"units: [{best['model.head.units']}]" in written
    assert len((cache / "looks.tsv").read_text().splitlines()) == 1
    assert f"settings of trial {best['trial']}, the best of 4 by val_accuracy" in done.out
    page = Path("runs/sweeps/search/1/trials.html").read_text(encoding="utf-8")
    assert page.count("<tr>") >= 5
    assert "data:image/png;base64," in page
    again = cli("sweep", asked, "--resume")  # nothing is left to do
    assert again.status == 0
    assert len((cache / "looks.tsv").read_text().splitlines()) == 1


@pytest.mark.slow
def test_a_sweep_that_was_killed_goes_on_to_the_same_trials(cli: Callable, asked: str, environment: dict) -> None:
    Path("search.yaml").write_text(SWEEP.replace("trials: 4", "trials: 3"))
    assert cli("sweep", asked, "--runs", "whole").status == 0
    command = [sys.executable, "-m", "kerasvgg", "sweep", asked]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    journal = Path("runs/sweeps/search/1/journal.log")
    deadline = time.monotonic() + 100
    while not (journal.is_file() and journal.read_text().count('"process"') == 2):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.communicate()
    done = cli("sweep", "runs/sweeps/search/1", "--resume")
    assert done.status == 0, done.err
    assert "1 trials were under way when this ended before" in done.err
    without = [[value for name, value in row.items() if name != "trial"] for row in trials("runs/sweeps/search/1")]
    expected = [[value for name, value in row.items() if name != "trial"] for row in trials("whole/sweeps/search/1")]
    assert without == expected


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="no Ray: `pip install 'kerasvgg[cluster]'`")
def test_trials_on_a_cluster_go_on_when_a_worker_is_killed(asked: str, environment: dict, cache: Path) -> None:
    command = [sys.executable, "-m", "kerasvgg", "sweep", asked, "--cluster", "local"]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    journal = Path("runs/sweeps/search/1/journal.log")
    deadline = time.monotonic() + 200
    while not (journal.is_file() and journal.read_text().count('"process"')):
        assert running.poll() is None, running.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    trainers = [one for one in psutil.Process(running.pid).children(recursive=True) if is_training(one)]
    trainers[0].kill()
    told = running.communicate()[1]
    assert running.returncode == 0, told
    assert "a worker on" in told
    rows = trials("runs/sweeps/search/1")
    assert [row["state"] for row in rows] == ["finished"] * 4
    assert len({row["train.0.learning_rate"] for row in rows}) == 4
    best = max(rows, key=lambda row: (float(row["val_accuracy"]), -float(row["val_loss"])))
    (run,) = Path("runs/sweeps/search/1/winner").iterdir()
    figures = json.loads((run / "metrics.json").read_text())
    assert figures["selected"]["trial"] == int(best["trial"])
    assert figures["validation"]["accuracy"] == pytest.approx(float(best["val_accuracy"]))
    assert len((cache / "looks.tsv").read_text().splitlines()) == 1


def is_training(process: psutil.Process) -> bool:
    """Tells whether it is a worker that has been given trials, by the name that Ray gives it."""
    return any("RemoteTrials" in word for word in process.cmdline())


def test_jobs_and_a_cluster_are_not_asked_for_at_once(cli: Callable, asked: str) -> None:
    done = cli("sweep", asked, "--cluster", "local", "--jobs", 2)
    assert (done.status, "`--jobs` must be left out with --cluster" in done.err) == (2, True)
    assert not Path("runs").exists()


REFUSED = {
    "trials: 4": ("trials: none", "search.yaml:3:9: `trials` must be a whole number of at least 1"),
    "space:": ("spaces:", "search.yaml:4:1: `spaces` is not a key here"),
    "model.head.units: [4, 8]": ("model.head.unit: [4, 8]", "`space.model.head.unit`: override `model.head.unit=4`"),
    "high: 1e-2": ("high: 1e-5", "must have a `high` above `low`"),
    "  model.head.units: [4, 8]": (
        "  seed: [1, 2]",
        "`space.seed` must be left out: all trials have the same pictures",
    ),
    "train.0.learning_rate: {low": ("data.split.train: {low", "`space.data.split.train` must be left out"),
    "{low: 1e-4, high": (
        "{lo: 1e-4, high",
        "search.yaml:5:26: `space.train.0.learning_rate.low` is missing; it must be",
    ),
    "experiment: tiny.yaml": ("experiment: tinny", "tinny: there is no such file, and no experiment of that name"),
}


def test_a_file_that_makes_no_sense_is_refused_and_nothing_is_left(cli: Callable, asked: str) -> None:
    for there, (instead, told) in REFUSED.items():
        Path(asked).write_text(SWEEP.replace(there, instead))
        done = cli("sweep", asked)
        assert (done.status, told in done.err) == (2, True), done.err
    assert not list(Path("runs").rglob("*.yaml"))
    done = cli("sweep", asked, "--resume")
    assert (done.status, "must be a sweep's folder, or the file of one that has begun" in done.err) == (2, True)
