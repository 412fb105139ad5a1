"""Whichever write, sync or rename fails, for once or for ever: what was written before is good, and a run goes on."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import kerasvgg

HERE = Path(__file__).parent
LAST = 100_000
TINY = """\
seed: 3
data: {dataset: pictures, split: {train: 6, validation: 3, test: 3}, image_size: [48, 48], batch_size: 8}
model: {base: small_cnn, head: {units: 4, dropout: 0.3}}
train: [{epochs: 3, learning_rate: 1e-3}]
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and a C compiler")
    made = tmp_path_factory.mktemp("library") / "nth_call.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, HERE / "nth_call.c", "-ldl"], check=True)
    return made


def _call(place, library, cache, *numbers):
    (place / "tiny.yaml").write_text(TINY)
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]),
        "KERASVGG_CACHE": str(cache),
    }
    command = [sys.executable, HERE / "nth_call.py", "tiny.yaml", *map(str, numbers)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=place)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("first", "step", "ever"),
    [
        pytest.param(5, 67, 0, marks=pytest.mark.very_slow),
        pytest.param(1, 1, 0, marks=pytest.mark.very_slow),
        pytest.param(1, 1, 1, marks=pytest.mark.very_slow),
    ],
)
def test_a_failing_call_leaves_the_state_before_it_good(place, library, cache, first, step, ever):
    done = _call(place, library, cache, first, LAST, step, ever)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, lines[-1:] + done.stderr.splitlines()[-5:]
    assert lines[-1] == "end"
    assert len(lines) > 3
    disturbed = [line for line in lines[:-2] if "undisturbed" not in line]
    assert len(disturbed) >= 0.8 * len(lines[:-2]), lines
    words = r"(No space left on device|Input/output error).*what was written before stays good"
    assert [line for line in disturbed if not re.search(words, line)] == []
