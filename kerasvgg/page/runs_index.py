"""The runs below a folder: where they are, what state they are in, and the processes that are at work on them."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from kerasvgg.errors import ConfigError, DataError, KerasVGGError
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder

State = Literal["finished", "running", "stopped", "damaged"]
LOGS = ".logs"  # beside the runs: what those that were begun here have said
MOST_BEGUN = 20  # processes and logs that are looked at
LARGEST = 1_000_000  # bytes of a progress file or of figures that are looked at
SLACK = 2.0  # seconds between two clocks of one machine


@dataclass(frozen=True)
class Listed:
    """A run as a row of the table; numbers are None where there are none (yet)."""

    id: str
    folder: RunFolder
    name: str
    state: State
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    split: str = ""
    seconds: float | None = None
    changed: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Returns what a page is told."""
        return {name: value for name, value in vars(self).items() if name != "folder"}


@dataclass
class Begun:
    """A process that was begun here, and where it says what it does."""

    process: subprocess.Popen[bytes]
    name: str
    log: Path


class Runs:
    """The runs below `root`, found anew whenever all are asked for."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._begun: list[Begun] = []
        self._paths: dict[str, Path] = {}
        self._finished: dict[Path, tuple[int, Listed]] = {}

    def all(self) -> list[Listed]:
        """Returns all runs, those that changed last first."""
        folders = list(self._folders())
        self._paths = {_id_of(folder.path): folder.path for folder in folders}
        found = [self._listed(folder) for folder in folders]
        self._finished = {path: known for path, known in self._finished.items() if path in self._paths.values()}
        return sorted(found, key=lambda one: -one.changed)

    def find(self, asked: str) -> RunFolder:
        """Returns the run with this id. Raises DataError where there is none: no path is made of what was asked."""
        if asked not in self._paths or not self._paths[asked].is_dir():
            self._paths = {_id_of(folder.path): folder.path for folder in self._folders()}
        if asked not in self._paths:
            raise DataError("there is no such run any more")
        return RunFolder(self._paths[asked])

    def _listed(self, folder: RunFolder) -> Listed:
        """Returns a run's row; that of a finished one is read again where its figures have changed."""
        try:
            stamp = folder.metrics.stat().st_mtime_ns
        except OSError:
            return _listed(folder, self.root)
        if self._finished.get(folder.path, (0, None))[0] != stamp:
            self._finished[folder.path] = stamp, _listed(folder, self.root)
        return self._finished[folder.path][1]

    def failed(self) -> list[dict[str, str]]:
        """Returns what those that were begun here and failed have said last."""
        over = [one for one in self._begun[-MOST_BEGUN:] if one.process.poll() not in (None, 0)]
        return [{"name": one.name, "words": "\n".join(_tail(one.log, 4))} for one in over]

    def begin(self, words: Sequence[str], name: str) -> None:
        """Begins `kerasvgg run` with these words in a process group of its own, which outlives this server."""
        logs = self.root / LOGS
        logs.mkdir(parents=True, exist_ok=True)
        with (logs / f"{name}-{time.time_ns()}.log").open("xb") as log:
            command = [sys.executable, "-m", "kerasvgg", "run", *words, "--runs", str(self.root)]
            how: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
            process = subprocess.Popen(command, start_new_session=True, **how)
        self._begun.append(Begun(process, name, Path(log.name)))

    def last_words(self, folder: RunFolder) -> list[str]:
        """Returns the last lines of the newest log that tells of a run, [] where none of the last ones does."""
        logs = sorted((self.root / LOGS).glob("*.log"), key=lambda path: path.name.rpartition("-")[2])
        for log in reversed(logs[-MOST_BEGUN:]):
            with log.open("rb") as file:
                if os.fsencode(folder.path) in file.read(LARGEST):
                    return _tail(log, 12)
        return []

    def _folders(self) -> Iterator[RunFolder]:
        """Yields run folders, without following links and without looking into them."""
        for place, folders, files in os.walk(self.root):
            if {"experiment.yaml", "environment.json", "history.csv"} & set(files):
                folders[:] = []
                yield RunFolder(Path(place))
            else:
                folders[:] = sorted(name for name in folders if not name.startswith("."))


def _tail(log: Path, lines: int) -> list[str]:
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 4_000))
        return file.read().decode("utf-8", "replace").splitlines()[-lines:]


def progress_of(folder: RunFolder) -> dict[str, Any]:
    """Returns what a run tells of itself, {} where it tells nothing or nothing that can be read."""
    try:
        said = json.loads(read_small(folder.progress, LARGEST))
    except (DataError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def process_of(folder: RunFolder, said: dict[str, Any]) -> psutil.Process | None:
    """Returns the process at work on a run, None where it is gone.

    Its number alone, `said` in the run's progress file, would not do: it may be another's by now, and a stranger's
    folder may name any. So it must have been there when that was written, and have the run's lock open.
    """
    pid, begun = said.get("pid"), said.get("begun")
    if not isinstance(pid, int) or not isinstance(begun, float):
        return None
    try:
        process, lock = psutil.Process(pid), str(folder.lock)
        is_it = process.create_time() <= begun + SLACK and lock in {file.path for file in process.open_files()}
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None
    return process if is_it else None


def stop(folder: RunFolder) -> None:
    """Asks the process at work on a run to stop after its batch, as Ctrl-C does. Raises ConfigError without one."""
    process = process_of(folder, progress_of(folder))
    if process is None:
        raise ConfigError("no process is at work on this run")
    process.send_signal(signal.SIGINT)


def _listed(folder: RunFolder, root: Path) -> Listed:
    name = folder.path.relative_to(root).as_posix() if folder.path != root else folder.path.name
    common: dict[str, Any] = {"id": _id_of(folder.path), "folder": folder, "name": name, "changed": _changed(folder)}
    if not folder.metrics.exists():
        state: State = "running" if process_of(folder, progress_of(folder)) else "stopped"
        return Listed(**common, state=state)
    try:
        figures = json.loads(read_small(folder.metrics, LARGEST * 50))
        n, correct = int(figures["n"]), int(figures["correct"])
        low, high = wilson(correct, n)
        split = str(figures["split"])[:40]
        return Listed(**common, state="finished", accuracy=correct / n, low=low, high=high, n=n, split=split)
    except (KerasVGGError, ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        return Listed(**common, state="damaged")


def _changed(folder: RunFolder) -> float:
    times = (path.stat().st_mtime for path in (folder.metrics, folder.history, folder.experiment) if path.is_file())
    return max(times, default=0.0)


def _id_of(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
