"""What every benchmark needs: children that are timed and weighed, cases that take turns, and a table.

The peak that a system reports for a child counts from its fork, when it still was its parent. So a benchmark itself
must stay small: it imports no Pillow, NumPy or TensorFlow, and leaves the making of its data to children too.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Case = tuple[str, int]
UNITS_PER_MB = 1 << 20 if sys.platform == "darwin" else 1 << 10  # getrusage counts bytes there and KiB elsewhere


@dataclass(frozen=True)
class Measured:
    """One child: wall seconds from start to end, and the peak resident memory of the whole process."""

    seconds: float
    peak_mb: float


def run(command: Sequence[object], output: Path = Path(os.devnull)) -> Measured:
    """Runs Python with these arguments in a fresh child, its stdout into a file; a failure ends the benchmark."""
    words = [sys.executable, *map(str, command)]
    with output.open("wb") as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(words, stdout=out, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(words)} ended with {child.returncode}:\n{errors.read().decode(errors='replace')}")
    return Measured(seconds, usage.ru_maxrss / UNITS_PER_MB)


def take_turns(cases: Mapping[Case, Callable[[], Measured]], rounds: int = 3) -> dict[Case, list[Measured]]:
    """Runs each case (a way, a number of things) once in every round, so that a slow minute hits them all."""
    results: dict[Case, list[Measured]] = {case: [] for case in cases}
    for i in range(rounds):
        for case, measure in cases.items():
            print(f"round {i + 1} of {rounds}: {case[0]}, {case[1]:,}", file=sys.stderr, flush=True)
            results[case].append(measure())
    return results


def rates(count: int, runs: Sequence[Measured]) -> list[float]:
    """Returns how many of `count` things each run did in a second."""
    return [count / one.seconds for one in runs]


def peaks(runs: Sequence[Measured]) -> list[float]:
    """Returns each run's peak memory in MB."""
    return [one.peak_mb for one in runs]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Returns ours / theirs, round by round."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Returns the median, with the least and the greatest value in brackets."""
    middle, low, high = (f"{value:,.{digits}f}" for value in (median(values), min(values), max(values)))
    return f"{middle} ({low} to {high})"


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Prints a Markdown table with columns of even width."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    for row in (header, ["-" * width for width in widths], *rows):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
