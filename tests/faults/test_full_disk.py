"""A disk that is really full: a small tmpfs."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kerasvgg

SCRIPT = """
set -u
mount -t tmpfs -o size={small} tmpfs disk
"$@" run small.yaml --runs disk/runs 2> first.txt
echo $? > first.status
mount -o remount,size=200m disk
"$@" run small.yaml --runs disk/runs --resume 2> second.txt
echo $? > second.status
cp -r disk/runs resumed
"""
SAME = ("history.csv", "predictions.csv", "metrics.json")


@pytest.fixture
def unshare():
    command = shutil.which("unshare")
    if command is None or subprocess.run([command, "-rm", "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs Linux and leave to mount a file system: unshare -rm")
    return [command, "-rm"]


# The first has no room for a state; in the second a state fits, and one of the files that follow does not.
@pytest.mark.very_slow
@pytest.mark.parametrize("small", ["2m", "5m"])
def test_a_run_on_a_full_disk_says_the_bytes_and_goes_on_when_there_is_room(place, cache, kerasvgg_, unshare, small):
    assert kerasvgg_("run", "small.yaml")[0] == 0
    Path("disk").mkdir()
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]),
        "KERASVGG_CACHE": str(cache),
        "TF_CPP_MIN_LOG_LEVEL": "2",
    }
    command = [*unshare, "sh", "-c", SCRIPT.format(small=small), "sh", sys.executable, "-m", "kerasvgg"]
    subprocess.run(command, check=True, env=environment, timeout=280)
    said = Path("first.txt").read_text()
    assert Path("first.status").read_text() == "2\n", said
    words = r"`disk/runs/small/1/\S+` can't be written: No space left on device; it needs (\S+) bytes, and .* has (\S+)"
    needed, free = (int(number.replace(",", "")) for number in re.search(words, said).groups())
    assert needed > free
    assert " with: kerasvgg run disk/runs/small/1 --resume" in said
    assert "Traceback" not in said
    assert Path("second.status").read_text() == "0\n", Path("second.txt").read_text()
    for name in SAME:
        assert Path("resumed/small/1", name).read_bytes() == Path("runs/small/1", name).read_bytes()
