import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MEASURE = """
import sys
from benchmarks.measure import print_table, ratios, rates, run, spread, take_turns
small = run(["-c", "pass"])
large = run(["-c", "import time; kept = b'x' * (300 << 20); time.sleep(0.5)"])
assert 250 < large.peak_mb - small.peak_mb < 400, (small, large)
assert 0 < small.seconds < 20
assert 0.5 < large.seconds < 20
assert rates(10, [large]) == [10 / large.seconds]
order = []
cases = {(way, 1): lambda way=way: order.append(way) or small for way in ("a", "b")}
assert take_turns(cases, rounds=2) == {("a", 1): [small] * 2, ("b", 1): [small] * 2}
assert order == ["a", "b", "a", "b"]
assert spread([3, 1, 1000]) == "3 (1 to 1,000)"
assert ratios([1, 4], [2, 2]) == [0.5, 2]
print_table(("name", "n"), [("a long one", "1")])
"""


def _python(*words):
    return subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)


def test_children_are_timed_and_weighed_and_take_turns():
    done = _python("-c", MEASURE)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "| name       | n |\n| ---------- | - |\n| a long one | 1 |\n"


def test_a_child_that_fails_ends_the_benchmark_with_what_it_said():
    done = _python("-c", "from benchmarks.measure import run; run(['-c', 'raise ValueError(5)'])")
    assert done.returncode == 1
    assert "ValueError: 5" in done.stderr


def test_the_pictures_of_a_benchmark_differ_and_decode(tmp_path, monkeypatch):
    from kerasvgg.data.images import trouble

    monkeypatch.setenv("KERASVGG_HOME", str(tmp_path / "none"))
    assert _python("-m", "benchmarks.pictures", str(tmp_path / "pictures"), "205").returncode == 0
    paths = list((tmp_path / "pictures").iterdir())
    assert len({path.read_bytes() for path in paths}) == 205
    assert [trouble(path) for path in paths] == [None] * 205


@pytest.mark.slow
@pytest.mark.parametrize("benchmark", ["split_folder", "predict_folder"])
def test_a_benchmark_runs_and_prints_a_line_for_each_number_of_pictures(benchmark):
    done = _python("-m", f"benchmarks.{benchmark}", "40", "80")
    assert done.returncode == 0, done.stderr
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines()[:4]][0::2] == ["pictures", "40"]
    assert done.stdout.splitlines()[3].startswith("| 80")
