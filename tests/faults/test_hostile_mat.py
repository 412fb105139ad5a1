"""`.mat` files that mean harm, or that a few wrong bytes went through: refused in words, in little time and memory."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mat_bombs import BOMBS

import kerasvgg

HERE = Path(__file__).parent
LONGEST, MOST_MEMORY, MOST_BYTES = 8, 300 << 20, 1 << 20  # the first in units of work (see `unit_of_work`)
SECONDS_EACH = 0.5  # for a mutant of a few kilobytes


def attempt(*words: object) -> dict:
    """What `mat_attempt.py` says; a process that dies says nothing."""
    places = (HERE.parent / "modelfile", Path(kerasvgg.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, places)), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "error", HERE / "mat_attempt.py", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=280)
    assert done.returncode == 0, done.stderr[-1000:]
    return json.loads(done.stdout)


@pytest.mark.sampled(slow=3)
@pytest.mark.parametrize("kind", BOMBS)
def test_a_small_file_takes_little_whatever_it_asks_for(
    kind: str, tmp_path: Path, unit_of_work: Callable[[], float]
) -> None:
    make, said = BOMBS[kind]
    content = make()
    path = tmp_path / "x.mat"
    path.write_bytes(content)
    answer = attempt(path)
    assert len(content) <= MOST_BYTES
    assert said in answer["said"]
    assert bool(said) == bool(answer["said"])
    assert answer["seconds"] <= LONGEST * unit_of_work()
    assert answer["memory"] <= MOST_MEMORY


@pytest.mark.parametrize(
    ("seed", "count"),
    [pytest.param(0, 1_000, marks=pytest.mark.slow), pytest.param(1, 10_000, marks=pytest.mark.very_slow)],
)
def test_mutants_are_read_or_refused(seed: int, count: int) -> None:
    answer = attempt(seed, count)
    assert answer["wrong"] == []
    assert answer["read"] + answer["refused"] == count
    assert answer["read"] > count / 50  # else they are all too wrong to show anything
    assert answer["slowest"] <= SECONDS_EACH
