"""Runs an experiment again and again; the Nth write, sync or rename in its run folder fails.

For each N: the run ends with a message or not at all disturbed, the newest state loads, and resuming comes to the
same end. Prints a line for each N, and "end" when a run had fewer than N calls. Run by test_nth_call.py with the
library of nth_call.c preloaded.
"""

import ctypes
import errno
import shutil
import sys
from pathlib import Path

import keras

from kerasvgg.config.load import load_experiments
from kerasvgg.errors import KerasVGGError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.runs.prepare import prepare
from kerasvgg.runs.run import run
from kerasvgg.training.checkpoint import Checkpoints, WriteThrottle

SAME = ("history.csv", "predictions.csv", "metrics.json")
library = ctypes.CDLL(None)


def _run(experiment, folder=None):
    keras.backend.clear_session()
    return run(prepare(experiment, folder), "fault", Path("runs"))


def _end(folder):
    return {name: (folder.path / name).read_bytes() for name in SAME}


def _fail(experiment, n, error, ever):
    """Returns whether the fault was met, after the run and, if that failed, its resumption."""
    shutil.rmtree("runs", ignore_errors=True)
    folder = RunFolder(Path("runs/fault/1"))
    library.fault_arm(str(folder.path.absolute()).encode(), n, error, ever)
    try:
        _run(experiment)
        said = "undisturbed"
    except (KerasVGGError, OSError) as failure:
        said = f"{type(failure).__name__}: {failure}"
    met = library.fault_calls() >= n
    library.fault_arm(b"", 0, 0, 0)
    finished = len(folder.read_history()) if folder.history.is_file() else 0
    state = Checkpoints(folder).newest()
    loaded = state.epoch if state else 0
    if not folder.is_finished:
        assert finished - loaded <= 1, f"{finished} epochs are over, the newest state has {loaded}"
        _run(experiment, folder)
    sys.stdout.write(f"{n} epoch {loaded}: {said}\n")
    sys.stdout.flush()
    return met, _end(folder)


def main(path, first, last, step, ever):
    WriteThrottle.is_due = True
    experiment = load_experiments(path)[""]
    whole = _end(_run(experiment).folder)
    for n in range(first, last, step):
        met, end = _fail(experiment, n, errno.ENOSPC if n % 2 else errno.EIO, ever)
        assert end == whole, f"call {n}: another end"
        if not met:
            sys.stdout.write("end\n")
            return


main(sys.argv[1], *map(int, sys.argv[2:]))
