"""An experiment of kerasvgg's as a fresh child, and what its run folder says of it."""

import json
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import run
from benchmarks.photos import Photos
from benchmarks.weights import weights_file


@dataclass(frozen=True)
class Run:
    """Seconds from start to end, imports included, and those of the frozen layers; the accuracy of the test part."""

    seconds: float
    peak_mb: float
    features_seconds: float
    accuracy: float
    interval: tuple[float, float]


def run_experiment(words: str, photos: Photos, cache: Path, settings: Sequence[str] = (), *, cold: bool = False) -> Run:
    """Runs `kerasvgg run` with these words, on these photos; `cold` empties the cache first."""
    if cold:
        shutil.rmtree(cache, ignore_errors=True)
    homes = {"KERASVGG_HOME": weights_file().parents[1], "KERASVGG_CACHE": cache}
    with tempfile.TemporaryDirectory(prefix="kerasvgg-bench-") as runs:
        command = ["-m", "kerasvgg", "run", *shlex.split(words), *photos.settings, *settings, "--runs", runs]
        measured = run(command, variables=homes)
        metrics, environment = (_read(Path(runs), f"{name}.json") for name in ("metrics", "environment"))
    extractor = environment["frozen_layers"].get("seconds", 0.0)
    return Run(measured.seconds, measured.peak_mb, extractor, metrics["accuracy"], tuple(metrics["interval_95"]))


def _read(runs: Path, name: str) -> dict[str, Any]:
    return json.loads(next(runs.rglob(name)).read_bytes())
