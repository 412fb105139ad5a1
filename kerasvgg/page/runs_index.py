"""The runs below a folder: where they are, what state they are in, and the processes that are at work on them."""

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import psutil

from kerasvgg.errors import ConfigError, DataError, KerasVGGError
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.report.facts import CROSS_VALIDATION

State = Literal["finished", "running", "stopped", "damaged"]
LOGS = ".logs"  # beside the runs: what those that were begun here have said
MOST_BEGUN = 20  # processes and logs that are looked at
LARGEST = 1_000_000  # bytes of a progress file or of figures that are looked at
SWEEP, WINNER = "sweep.yaml", "winner"  # by which a sweep's folder is known, and its best run
STOPPED = 130, 143, -2, -15  # how a process ends that was asked to
FRESH = 300.0  # seconds since a run on another machine has said something
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
    changed: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Returns what a page is told."""
        return {name: value for name, value in vars(self).items() if name != "folder"}


@dataclass
class Begun:
    """A process that was begun here, on a folder of its own or one that is there, and where it says what it does."""

    process: subprocess.Popen[bytes]
    name: str
    log: Path
    folder: Path | None


class Runs:
    """The runs below `root`, found anew whenever all are asked for."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))
        self._begun: list[Begun] = []
        self._paths: dict[str, Path] = {}
        self._finished: dict[Path, tuple[int, Listed]] = {}
        self._asked_to_stop: set[tuple[int, float]] = set()
        self._turn = threading.Lock()

    def all(self) -> list[Listed]:
        """Returns all runs, those that changed last first."""
        with self._turn:
            folders = list(self._folders())
            self._paths = {_id_of(folder.path): folder.path for folder in folders}
            found = [self._listed(folder) for folder in folders]
            there = set(self._paths.values())
            self._finished = {path: known for path, known in self._finished.items() if path in there}
        return sorted(found, key=lambda one: -one.changed)

    def find(self, asked: str) -> RunFolder:
        """Returns the run with this id. Raises DataError where there is none: no path is made of what was asked."""
        with self._turn:
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
        """Returns what those that were begun here and failed have said last; who was stopped has not failed."""
        over = [one for one in self._begun[-MOST_BEGUN:] if one.process.poll() not in (None, 0, *STOPPED)]
        return [{"name": one.name, "words": "\n".join(_tail(one.log, 4))} for one in over]

    def begin(self, words: Sequence[str], name: str, folder: Path | None = None) -> None:
        """Begins `kerasvgg run` with these words in a process group of its own, which outlives this server.

        Raises ConfigError where one that was begun here is at work in the `folder`.
        """
        with self._turn:
            if folder and any(one.folder == folder and one.process.poll() is None for one in self._begun):
                raise ConfigError("a process was begun to go on with it already")
            logs = self.root / LOGS
            logs.mkdir(parents=True, exist_ok=True)
            with (logs / f"{name}-{time.time_ns()}.log").open("xb") as log:
                # -P: what lies in the working folder is no module of ours
                command = [sys.executable, "-P", "-m", "kerasvgg", "run", *words, "--runs", str(self.root)]
                how: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": subprocess.STDOUT}
                process = subprocess.Popen(command, start_new_session=True, **how)
            self._begun.append(Begun(process, name, Path(log.name), folder))

    def stop(self, folder: RunFolder) -> None:
        """Asks the process at work on a run to stop after its batch, once: asked twice it would end at once.

        It is asked by SIGTERM, which training takes as it takes Ctrl-C, because jobs in the background ignore SIGINT.
        Raises ConfigError without a process here.
        """
        process = process_of(folder, said := progress_of(folder))
        if process is None:
            where = f"; it runs on {said['host']}" if _is_elsewhere(said) else ""
            raise ConfigError(f"no process of this machine is at work on this run{where}")
        asked = process.pid, process.create_time()
        if asked not in self._asked_to_stop:
            process.send_signal(signal.SIGTERM)
            self._asked_to_stop.add(asked)

    def last_words(self, folder: RunFolder) -> list[str]:
        """Returns the last lines of the newest log that tells of a run, [] where none of the last ones does."""
        logs = sorted((self.root / LOGS).glob("*.log"), key=lambda path: path.name.rpartition("-")[2])
        for log in reversed(logs[-MOST_BEGUN:]):
            with suppress(OSError), log.open("rb") as file:
                if os.fsencode(folder.path) + b"\n" in file.read(LARGEST):
                    return _tail(log, 12)
        return []

    def _folders(self) -> Iterator[RunFolder]:
        """Yields run folders, without following links and without looking into them; of a sweep its winner."""
        for place, folders, files in os.walk(self.root):
            is_run = "history.csv" in files or ({"experiment.yaml", "environment.json"} & set(files))
            if SWEEP in files:
                folders[:] = [name for name in folders if name == WINNER]
            elif is_run and Path(place) != self.root:
                folders[:] = []
                yield RunFolder(Path(place))
            else:
                folders[:] = sorted(name for name in folders if not name.startswith("."))


def _tail(log: Path, lines: int) -> list[str]:
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 4_000))
            return file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:  # it was removed
        return []


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
    if not isinstance(pid, int) or not isinstance(begun, float) or _is_elsewhere(said):
        return None
    try:
        process, lock = psutil.Process(pid), os.path.realpath(folder.lock)
        is_it = process.create_time() <= begun + SLACK and lock in {file.path for file in process.open_files()}
    except (psutil.Error, OSError, ValueError, OverflowError):
        return None
    return process if is_it else None


def state_of(folder: RunFolder) -> State:
    """Returns whether a run is finished, at work, here or on another machine, or neither."""
    if folder.metrics.exists():
        return "finished"
    said = progress_of(folder)
    if _is_elsewhere(said):
        updated = said.get("updated")
        return "running" if isinstance(updated, float) and time.time() - updated < FRESH else "stopped"
    return "running" if process_of(folder, said) else "stopped"


def may_go_on(folder: RunFolder) -> bool:
    """Tells whether `kerasvgg run --resume` is what goes on with it: not with a cross-validation."""
    return folder.path.parent.name != CROSS_VALIDATION and folder.experiment.is_file()


def _is_elsewhere(said: dict[str, Any]) -> bool:
    return bool(said.get("host", platform.node()) != platform.node())


def _listed(folder: RunFolder, root: Path) -> Listed:
    name = folder.path.relative_to(root).as_posix() if folder.path != root else folder.path.name
    common: dict[str, Any] = {"id": _id_of(folder.path), "folder": folder, "name": name, "changed": _changed(folder)}
    if not folder.metrics.exists():
        return Listed(**common, state=state_of(folder))
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
