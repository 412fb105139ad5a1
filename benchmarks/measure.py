"""What every benchmark needs: children that are timed and weighed, cases that take turns, and a table.

The peak that a system reports for a child counts from its fork, when it still was its parent. So a benchmark itself
must stay small: it imports no Pillow, NumPy or TensorFlow, and leaves the making of its data to children too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

Case = tuple[str, int]
Result = TypeVar("Result")
UNITS_PER_MB = 1 << 20 if sys.platform == "darwin" else 1 << 10  # getrusage counts bytes there and KiB elsewhere


@dataclass(frozen=True)
class Measured:
    """One child: wall seconds from start to end, and the peak resident memory of the whole process."""

    seconds: float
    peak_mb: float


def run(
    command: Sequence[object], output: Path = Path(os.devnull), variables: Mapping[str, object] | None = None
) -> Measured:
    """Runs Python with these arguments in a fresh child, its stdout into a file; a failure ends the benchmark.

    `variables` are added to its environment.
    """
    words = [sys.executable, *map(str, command)]
    env = os.environ | {name: str(value) for name, value in (variables or {}).items()}
    with output.open("wb") as out, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        child = subprocess.Popen(words, stdout=out, stderr=errors, env=env)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            errors.seek(0)
            sys.exit(f"{' '.join(words)} ended with {child.returncode}:\n{errors.read().decode(errors='replace')}")
    return Measured(seconds, usage.ru_maxrss / UNITS_PER_MB)


def reported(command: Sequence[object]) -> dict[str, Any]:
    """Returns the JSON object that a child prints, with the `seconds` and `peak_mb` of the whole child."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as temporary:
        output = Path(temporary) / "report.json"
        measured = run(command, output)
        return {**json.loads(output.read_bytes()), "seconds": measured.seconds, "peak_mb": measured.peak_mb}


def take_turns(cases: Mapping[Case, Callable[[], Result]], rounds: int = 3) -> dict[Case, list[Result]]:
    """Runs each case (a way, a number of things) once in every round, so that a slow minute hits them all."""
    results: dict[Case, list[Result]] = {case: [] for case in cases}
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


def options(purpose: str | None, **defaults: int) -> argparse.ArgumentParser:
    """Returns a parser with `--images`, `--rounds` and `--epochs`, those of them that have a default here."""
    helps = {
        "images": "pictures in all: half to train, a quarter each to validate and to test",
        "rounds": "how often each case has its turn",
        "epochs": "epochs that are measured, at least 2, because the book's first one traces",
    }
    parser = argparse.ArgumentParser(description=purpose, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in defaults.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{helps[name]}; {default:,}")
    return parser
