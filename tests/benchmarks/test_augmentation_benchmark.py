import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.very_slow
def test_the_benchmark_of_augmentation_prints_a_line_for_each_way_from_each_source():
    words = ["-m", "benchmarks.augmentation", "--images", "160", "--rounds", "1"]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in done.stdout.splitlines()]
    assert [row[0] for row in rows[2:]] == ["memory"] * 4 + ["files"] * 3
    assert {row[3] for row in rows if row[1] == "ImageDataGenerator"} == {"1.00 (1.00 to 1.00)"}
