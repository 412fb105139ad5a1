"""Real runs in processes of their own, which can be killed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import kerasvgg

# Everything on: dropout, augmentation by copies, falling learning rates, early stopping, two phases.
EXPERIMENT = """\
seed: 3
data:
  dataset: pictures
  split: {train: 16, validation: 8, test: 8}
  image_size: [48, 48]
  batch_size: 8
augment: {rotation_range: 30, horizontal_flip: true}
augment_copies: 2
model:
  base: vgg16
  weights: null
  head: {pooling: average, units: 16, input_dropout: 0.2, dropout: 0.3}
train:
  - {layers: head, epochs: 4, learning_rate: 1e-2, reduce_learning_rate: {patience: 1, factor: 0.5}}
  - {layers: [block5, head], epochs: 5, learning_rate: 1e-4, early_stopping: {patience: 4}}
"""
SMALL = """\
seed: 3
data:
  dataset: pictures
  split: {train: 16, validation: 8, test: 8}
  image_size: [48, 48]
  batch_size: 8
augment: {rotation_range: 30, horizontal_flip: true, engine: imagedatagenerator}
model: {base: small_cnn, head: {units: 8, dropout: 0.3}}
train:
  - {epochs: 6, learning_rate: 1e-3}
"""
# A state after every epoch, although these epochs are so short that the program would write fewer.
MAIN = """
import signal
from kerasvgg.training.checkpoint import WriteThrottle
WriteThrottle.is_due = True
signal.signal(signal.SIGINT, signal.default_int_handler)
from kerasvgg.__main__ import main
main()
"""


@pytest.fixture
def unit_of_work() -> Callable[[], float]:
    """Times fifty million steps of plain Python, in seconds of the processor, which a busy neighbour makes longer."""

    def measure() -> float:
        started = time.process_time()
        for _ in range(50_000_000):
            pass
        return time.process_time() - started

    return measure


@pytest.fixture
def place(tmp_path: Path, class_folders: Callable, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of the processes, with pictures and two experiments."""
    monkeypatch.chdir(tmp_path)
    class_folders(per_class=32)
    (tmp_path / "fine_tune.yaml").write_text(EXPERIMENT)
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path


@pytest.fixture
def start(place: Path, cache: Path) -> Callable[..., subprocess.Popen]:
    """Starts kerasvgg in a process of its own, after the code that comes `first`.

    The cache of features is the processes' common one.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]),
        "KERASVGG_CACHE": str(cache),
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }

    def begin(*words: object, first: str = "", **how: object) -> subprocess.Popen:
        command = [sys.executable, "-c", first + MAIN, *map(str, words)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, text=True, env=environment, **{**pipes, **how})

    return begin


@pytest.fixture
def kerasvgg_(start: Callable) -> Callable[..., tuple[int, str]]:
    """Runs kerasvgg to its end; returns the status and what it said on stderr."""

    def run(*words: object) -> tuple[int, str]:
        with start(*words) as process:
            _, said = process.communicate(timeout=280)
        return process.returncode, said

    return run
