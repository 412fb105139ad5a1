"""progress.json: what a run is at, for whoever looks at its folder meanwhile; it is gone when the run has ended."""

import json
import math
import os
import platform
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.progress import watched

SECONDS_BETWEEN = 0.5
MOST_POINTS = 400  # batches of the present epoch that are told


@contextmanager
def telling_progress(folder: RunFolder) -> Iterator[None]:
    """Writes what is told in the block, at most twice a second, and removes it at the end, however that comes.

    A killed process leaves the file. `host`, `pid` and `begun`, its machine, its number and a time at which it was
    there, tell it from others.
    """
    writer = _Writer(folder.progress)
    try:
        with watched(writer.hear):
            yield
    finally:
        with suppress(OSError):
            folder.progress.unlink()


class _Writer:
    def __init__(self, path: Path) -> None:
        self._path, self._temporary = path, path.with_name(f".{path.name}.tmp")
        self._last, self._epochs = -math.inf, _EpochTimes()
        self._said: dict[str, Any] = {"host": platform.node(), "pid": os.getpid(), "begun": time.time()}
        self._points: list[tuple[int, float | None, float | None]] = []

    def hear(self, kind: str, about: Mapping[str, Any]) -> None:
        """Notes news; those of other kinds than a stage end it."""
        if kind == "batch":
            self._add_point(about)
            self._said["seconds_left"] = self._epochs.left(about)
        if kind != "stage":
            self._said.pop("stage", None)
        self._said[kind] = {name: _finite(value) for name, value in about.items()}
        if time.monotonic() - self._last >= SECONDS_BETWEEN:
            self._write()

    def _add_point(self, about: Mapping[str, Any]) -> None:
        """Keeps (batch, loss, accuracy) of the present epoch, every other one where they are many."""
        if about["batch"] == 1 or (self._points and about["batch"] <= self._points[-1][0]):
            self._points = []
        self._points.append((about["batch"], _finite(about.get("loss")), _finite(about.get("accuracy"))))
        if len(self._points) > MOST_POINTS:
            self._points = self._points[::2]

    def _write(self) -> None:
        self._last = time.monotonic()
        with suppress(OSError):  # on a full disk the run has more to say than this
            said = {**self._said, "points": self._points, "updated": time.time()}
            self._temporary.write_text(json.dumps(said), encoding="utf-8")
            self._temporary.replace(self._path)


def _finite(value: Any) -> Any:
    """Returns what JSON has a word for."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


class _EpochTimes:
    """How long what is left of a training takes, by the batches of the present phase so far."""

    def __init__(self) -> None:
        self._phase, self._began, self._first = "", 0.0, 0

    def left(self, about: Mapping[str, Any]) -> float | None:
        """Returns seconds to the training's end, None where it can't be told yet."""
        steps: int = about["batches"] or 0
        place: int = (about["epoch"] - 1) * steps + about["batch"]
        if about["phase"] != self._phase:
            self._phase, self._began, self._first = about["phase"], time.monotonic(), place
        if not steps or place <= self._first:
            return None
        each = (time.monotonic() - self._began) / (place - self._first)
        epochs: int = about["epochs"]
        return round(max(0, epochs * steps - place) * each, 1)
