"""kill -9 at random moments of real runs: each goes on to the same end."""

import random
import signal
import sys
import time
from pathlib import Path

import pytest

from kerasvgg.files.run_folder import RunFolder
from kerasvgg.training.checkpoint import Checkpoints

# `auto` with the untrained VGG16, which is fine-tuned however good its head is.
AUTO = """
from kerasvgg.runs import fine_tune
from kerasvgg.training import build
build.imagenet_weights = lambda base: None
fine_tune.FEWEST_MISTAKES, fine_tune.EPOCHS = 0, 3
"""
SAME = ("history.csv", "predictions.csv", "metrics.json", "split.csv", "experiment.yaml")


def _kill_at_a_random_moment(process, longest):
    """Returns whether the process was still at work."""
    time.sleep(random.uniform(0, longest))
    alive = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return alive


def _epochs_lost(folder):
    """Returns how many of the finished epochs no state holds; raises if a state can't be read."""
    if not folder.path.is_dir() or folder.is_finished:
        return 0
    finished = len(folder.read_history()) if folder.history.is_file() else 0
    state = Checkpoints(folder).newest()
    return finished - (state.epoch if state else 0)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("experiment", "kills"),
    [
        ("small", 1),
        pytest.param("fine_tune", 60, marks=pytest.mark.very_slow),
        pytest.param("small", 40, marks=pytest.mark.very_slow),
    ],
)
def test_a_killed_run_is_resumed_to_the_same_history_weights_and_predictions(
    place, start, kerasvgg_, experiment, kills, capsys
):
    began = time.monotonic()
    assert kerasvgg_("run", f"{experiment}.yaml")[0] == 0
    seconds = time.monotonic() - began
    whole = Path("runs", experiment, "1")
    killed, number, lost = 0, 2, []
    while True:
        folder = RunFolder(Path("runs", experiment, str(number)))
        if folder.is_finished:
            assert {name: (folder.path / name).read_bytes() for name in SAME} == {
                name: (whole / name).read_bytes() for name in SAME
            }
            assert not folder.checkpoints.exists()
            assert [path for path in folder.path.iterdir() if path.name.startswith(".")] == []
            if killed >= kills:
                break
            number += 1
        again = ["--resume"] if folder.path.exists() else []
        process = start("run", f"{experiment}.yaml", *again)
        if killed < kills:
            killed += _kill_at_a_random_moment(process, 1.2 * seconds)
            lost.append(_epochs_lost(folder))
        else:
            said = process.communicate()[1]
            assert process.returncode == 0, said
    assert max(lost) <= 1
    with capsys.disabled():
        sys.stdout.write(f"\n{experiment}: {killed} kills, {number - 1} runs ended alike, {sum(lost)} epochs redone\n")


def _ended_at(process, line):
    """Kills the process once it says so; returns whether it did."""
    for said in process.stderr:
        if line in said:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
    return False


@pytest.mark.very_slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("line", ["into runs", "chosen of", "epoch 2/3", "fine-tuned: "])
def test_a_killed_run_of_auto_is_resumed_to_the_same_end(place, start, line):
    words = ("run", "pictures", "data.image_size=[32, 32]", "auto.minutes=30")
    words += ("data.split={validation: 0.25, test: 0.25, keep_together: true}",)
    with start(*words, first=AUTO) as whole:
        assert _ended_at(whole, "nothing that it says") is False
    assert _ended_at(start(*words, first=AUTO), line)
    with start("run", "runs/pictures/2", "--resume", first=AUTO) as resumed:
        said = resumed.communicate()[1]
    assert resumed.returncode == 0, said
    for name in (*SAME, "choices.csv"):
        assert Path("runs/pictures/2", name).read_bytes() == Path("runs/pictures/1", name).read_bytes()
    assert not Path("runs/pictures/2/checkpoints").exists()
