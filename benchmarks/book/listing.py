"""What each of the chapter's listings is given, and the JSON that it prints when it has run as a child."""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.book.clock import Clock
from benchmarks.matmul import gflops

BATCH = 20
SIZE = (150, 150)


@dataclass(frozen=True)
class Listing:
    """Folders train, validation and test with class folders in them; how many epochs; and the callback for `fit`."""

    folder: Path
    epochs: int
    clock: Clock

    def directory(self, part: str) -> str:
        """Returns the folder of train, validation or test."""
        return str(self.folder / part)

    def pictures(self, part: str) -> int:
        """Returns how many pictures it holds."""
        return _count(self.folder / part)

    def steps(self, part: str) -> int:
        """Returns how many batches show each picture once; Keras cuts an epoch that is told more, without a word."""
        return _batches(self.folder / part)


def main(train: Callable[[Listing], dict[str, float] | None]) -> None:
    """Runs a listing; what it prints goes to stderr, and one JSON object to stdout."""
    arguments = _arguments(train.__module__)
    folder, epochs = arguments.folder, arguments.epochs
    listing = Listing(folder, epochs, Clock(_batches(folder / "train"), _batches(folder / "validation")))
    with contextlib.redirect_stdout(sys.stderr):
        started = time.perf_counter()
        rate = gflops()
        probe = time.perf_counter() - started
        more = train(listing) or {}
    print(json.dumps({"gflops": rate, "probe_seconds": probe, **_report(listing), **more}))


def _report(listing: Listing) -> dict[str, Any]:
    first, *later = listing.clock.epochs
    return {
        "images": {part: listing.pictures(part) for part in ("train", "validation", "test")},
        "trainable_weights": listing.clock.trainable_weights,
        "first_epoch_seconds": first,
        "epoch_seconds": later,
    }


def _arguments(module: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=sys.modules[module].__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.epochs < 2:
        parser.error("`--epochs` must be at least 2, because the first one traces")
    return arguments


def _count(folder: Path) -> int:
    return sum(path.is_file() for path in folder.glob("*/*"))


def _batches(folder: Path) -> int:
    return -(-_count(folder) // BATCH)
