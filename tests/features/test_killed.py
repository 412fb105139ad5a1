"""Writers that are killed at any moment leave nothing wrong behind."""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest

from kerasvgg.features.store import Store

KEYS = 3000
WRITER = """
import json, sys
from pathlib import Path
import numpy as np
from kerasvgg.data.pictures.sources import ArrayPictures
from kerasvgg.features.features import Features
from kerasvgg.features.store import Store

class Numbers:
    labels, keys = np.zeros({n}), tuple(f"{{i:05d}}" for i in range({n}))

def compute(batches):
    for places in batches:
        yield places, np.repeat(np.array(places, dtype=np.float32)[:, None], 5000, axis=1)

store = Store(Path(sys.argv[1]), {{"shape": [5000], "dtype": "float32"}})
print("ready", flush=True)
Features(Numbers(), store, compute, "numbers")
"""


def _start(path):
    command = [sys.executable, "-c", WRITER.format(n=KEYS), str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _right_rows(path):
    """Returns how many rows there are, all of them right."""
    with closing(Store.open(path)) as store:
        assert list(store.damaged()) == []
        found = [(i, store.read([f"{i:05d}"])[0]) for i in range(KEYS)]
    assert all(row is None or np.array_equal(row, np.full(5000, i)) for i, row in found)
    return sum(row is not None for _, row in found)


def _kill_at_random_moments(path, moments, writers=1):
    counts = [0]
    while len(counts) <= moments or not any(0 < count < KEYS for count in counts):  # else this shows nothing
        assert len(counts) <= 50 + moments
        started = [_start(path) for _ in range(writers)]
        for writer in started:
            assert writer.stdout.readline() == "ready\n"
        time.sleep(random.uniform(0, 0.15))
        for writer in started:
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            writer.stdout.close()
        counts.append(_right_rows(path))
        if counts[-1] == KEYS:
            path.unlink()
            counts.append(0)
    with _start(path) as last:
        last.communicate()
    assert _right_rows(path) == KEYS


@pytest.mark.slow
def test_killed_writers_leave_right_rows_or_none(tmp_path):
    _kill_at_random_moments(tmp_path / "x.sqlite", 6)


@pytest.mark.slow
def test_two_writers_killed_at_once_leave_right_rows_or_none(tmp_path):
    _kill_at_random_moments(tmp_path / "x.sqlite", 3, writers=2)


@pytest.mark.very_slow
@pytest.mark.timeout(1200)
def test_writers_killed_at_fifty_random_moments_leave_right_rows_or_none(tmp_path):
    _kill_at_random_moments(tmp_path / "x.sqlite", 50)
