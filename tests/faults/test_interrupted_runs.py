"""Ctrl-C, SIGTERM and two processes in one run folder."""

import re
import signal
import time
from pathlib import Path

import pytest

from kerasvgg.files.run_folder import RunFolder
from kerasvgg.training.checkpoint import Checkpoints

SAME = ("history.csv", "predictions.csv", "metrics.json")
LONG = ("train.0.epochs=3000",)


def _until(process, words):
    """Reads what the process says up to a line with these words."""
    said = []
    for line in process.stderr:
        said.append(line)
        if re.search(words, line):
            return "".join(said)
    raise AssertionError("".join(said))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.very_slow)]
)
def test_a_signal_ends_the_batch_and_the_run_goes_on_to_the_same_end(place, start, kerasvgg_, number, status):
    assert kerasvgg_("run", "small.yaml")[0] == 0
    with start("run", "small.yaml") as process:
        _until(process, "^epoch 3/6")
        process.send_signal(number)
        said = process.stderr.read()
    assert process.returncode == status
    assert "stopping after this batch" in said
    last = "interrupted; what was done is kept, go on with: kerasvgg run runs/small/2 --resume"
    assert said.splitlines()[-1] == last
    assert "Traceback" not in said
    assert kerasvgg_("run", "small.yaml", "--resume")[0] == 0
    for name in SAME:
        assert Path("runs/small/1", name).read_bytes() == Path("runs/small/2", name).read_bytes()


@pytest.mark.slow
def test_a_second_ctrl_c_stops_at_once_without_harm(place, start):
    with start("run", "small.yaml", *LONG) as process:
        _until(process, "^epoch 2/")
        began = time.monotonic()
        while process.poll() is None and time.monotonic() - began < 60:
            process.send_signal(signal.SIGINT)
            time.sleep(0.002)
        process.stderr.read()
    assert process.returncode in (-signal.SIGINT, 130)
    folder = RunFolder(Path("runs/small/1"))
    assert Checkpoints(folder).newest().epoch >= 1
    assert folder.read_history()


@pytest.mark.very_slow
def test_a_second_process_is_told_who_is_at_work_in_the_folder(place, start, kerasvgg_):
    with start("run", "small.yaml", *LONG) as process:
        try:
            _until(process, "^epoch 1/")
            status, said = kerasvgg_("run", "runs/small/1", "--resume")
        finally:
            process.kill()
            process.communicate()
    assert status == 2
    assert re.search(rf"process {process.pid} on \S+ is at work on it and holds `runs/small/1/\.lock`", said)
    assert "Traceback" not in said


@pytest.mark.very_slow
def test_resume_starts_what_has_never_run_and_leaves_a_finished_run_alone(place, kerasvgg_):
    assert kerasvgg_("run", "small.yaml", "train.0.epochs=1", "--resume")[0] == 0
    before = {path: path.read_bytes() for path in Path("runs").rglob("*") if path.is_file()}
    status, said = kerasvgg_("run", "small.yaml", "train.0.epochs=1", "--resume")
    assert (status, said.splitlines()[-1]) == (0, "runs/small/1 is finished already")
    status, said = kerasvgg_("run", "small.yaml", "train.0.epochs=2", "--resume")
    assert status == 2
    assert "`runs/small/1` is finished, and was run in another way: `train.0.epochs` was 1, is 2" in said
    assert {path: path.read_bytes() for path in Path("runs").rglob("*") if path.is_file()} == before


@pytest.fixture
def stopped(place, start):
    """A run that was killed after two epochs."""
    with start("run", "small.yaml") as process:
        _until(process, "^epoch 3/6")
        process.kill()
        process.communicate()
    return RunFolder(Path("runs/small/1"))


@pytest.mark.very_slow
def test_what_changed_since_is_named_and_nothing_is_touched(stopped, kerasvgg_):
    picture = next(Path("pictures/cat").iterdir())
    before = {path: path.read_bytes() for path in Path("runs").rglob("*") if path.is_file()}
    content = picture.read_bytes()

    status, said = kerasvgg_("run", "small.yaml", "train.0.learning_rate=0.5", "data.batch_size=4", "--resume")
    assert status == 2
    assert "`data.batch_size` was 8, is 4; `train.0.learning_rate` was 0.001, is 0.5" in said

    picture.unlink()
    status, said = kerasvgg_("run", "runs/small/1", "--resume")
    assert (status, f"cat/{picture.name}: it is missing" in said) == (2, True)
    picture.write_bytes(content + b" ")
    status, said = kerasvgg_("run", "runs/small/1", "--resume")
    assert (status, f"cat/{picture.name}: its content has changed" in said) == (2, True)
    assert "--force" in said
    assert {path: path.read_bytes() for path in Path("runs").rglob("*") if path.is_file()} == before

    picture.write_bytes(content)
    assert kerasvgg_("run", "runs/small/1", "--resume")[0] == 0


@pytest.mark.very_slow
def test_other_doors_say_how_to_go_on(stopped, kerasvgg_):
    status, said = kerasvgg_("run", "runs/small/1")
    assert status == 2
    assert "`runs/small/1` is a run folder: `kerasvgg run runs/small/1 --resume` goes on with it" in said
    status, said = kerasvgg_("predict", "runs/small/1", "pictures")
    assert status == 2
    assert "`runs/small/1` is unfinished: `kerasvgg run runs/small/1 --resume` goes on with it" in said
    assert kerasvgg_("predict", str(stopped.best), "pictures")[0] == 0
