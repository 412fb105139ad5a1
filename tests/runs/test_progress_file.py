"""What a run tells of itself while it goes on."""

import json
import math
from pathlib import Path

import pytest

from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.progress import progress, say, tell
from kerasvgg.runs import progress_file
from kerasvgg.runs.progress_file import MOST_POINTS, telling_progress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    monkeypatch.setattr(progress_file, "SECONDS_BETWEEN", 0.0)
    return RunFolder(tmp_path)


def _batch(epoch: int, batch: int, loss: float = 0.5) -> None:
    about = {"phase": "head", "epoch": epoch, "epochs": 3, "batch": batch, "batches": 10, "loss": loss, "accuracy": 0.7}
    tell("batch", lambda: about)


def _said(folder: RunFolder) -> dict:
    return json.loads(folder.progress.read_text())


def test_stages_lines_and_batches_are_told_and_nothing_is_left(folder: RunFolder) -> None:
    with telling_progress(folder):
        with progress("computing features", 40) as advance:
            advance(16)
            advance(16)
        assert _said(folder)["stage"] == {"label": "computing features", "done": 32, "total": 40}
        say("training head layers")
        assert "stage" not in _said(folder)
        assert _said(folder)["line"] == {"text": "training head layers"}
        _batch(1, 1)
        assert _said(folder)["seconds_left"] is None
        _batch(1, 2, math.nan)
        assert _said(folder)["seconds_left"] >= 0
        assert _said(folder)["points"] == [[1, 0.5, 0.7], [2, None, 0.7]]
        assert _said(folder)["batch"]["loss"] is None
        _batch(2, 1)
        assert _said(folder)["points"] == [[1, 0.5, 0.7]]
    assert list(folder.path.iterdir()) == []
    say("nobody listens")


def test_points_of_a_long_epoch_stay_few(folder: RunFolder) -> None:
    with telling_progress(folder):
        for batch in range(1, 3 * MOST_POINTS):
            _batch(1, batch)
        points = _said(folder)["points"]
    assert MOST_POINTS / 3 < len(points) <= MOST_POINTS
    assert points[0][0] == 1


def test_it_is_gone_when_a_run_fails_too(folder: RunFolder) -> None:
    def fail() -> None:
        with telling_progress(folder):
            say("at work")
            assert folder.progress.is_file()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not folder.progress.exists()
