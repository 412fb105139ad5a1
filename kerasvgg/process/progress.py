"""Progress of long work, on stderr: a bar on a terminal, a line every ten seconds elsewhere.

Lines go through the logger `kerasvgg`, at the level INFO; above it, nothing is shown of progress.
"""

import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

SECONDS_BETWEEN_LINES = 10.0
LOGGER = logging.getLogger("kerasvgg")
Item = TypeVar("Item")
Watcher = Callable[[str, Mapping[str, Any]], None]
_watchers: list[Watcher] = []


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tells `watcher` during the block what this process is at: a kind of news, and what there is to say of it."""
    _watchers.append(watcher)
    try:
        yield
    finally:
        _watchers.remove(watcher)


def tell(kind: str, about: Callable[[], Mapping[str, Any]]) -> None:
    """Tells those who watch; what there is to say is only asked for where somebody does."""
    if _watchers:
        said = about()
        for watcher in list(_watchers):
            watcher(kind, said)


@contextmanager
def progress(label: str, total: int, unit: str = "") -> Iterator[Callable[[int], None]]:
    """Yields a function that takes how many more units are done, out of `total`; call it from one thread."""
    done = 0
    with _shown(label, total, unit) as advance:

        def go_on(more: int) -> None:
            nonlocal done
            done += more
            advance(more)
            tell("stage", lambda: {"label": label, "done": done, "total": total})

        yield go_on


@contextmanager
def _shown(label: str, total: int, unit: str) -> Iterator[Callable[[int], None]]:
    if not LOGGER.isEnabledFor(logging.INFO):
        yield lambda done: None
    elif sys.stderr.isatty():
        with _bar(label, total) as advance:
            yield advance
    else:
        yield _Lines(label, total, unit)


def track(items: Iterable[Item], label: str, total: int) -> Iterator[Item]:
    """Passes `items` through and reports how many of `total` have been taken."""
    with progress(label, total) as advance:
        for item in items:
            yield item
            advance(1)


def say(line: str) -> None:
    """Logs one line of progress."""
    LOGGER.info("%s", line)
    tell("line", lambda: {"text": line})


def warn(line: str) -> None:
    """Logs one line that is told without progress, too."""
    LOGGER.warning("%s", line)
    tell("warning", lambda: {"text": line})


@contextmanager
def quiet(wanted: bool = True) -> Iterator[None]:
    """Shows no progress in the block, only what is logged at the level WARNING or above."""
    before = LOGGER.level
    if wanted:
        LOGGER.setLevel(logging.WARNING)
    try:
        yield
    finally:
        LOGGER.setLevel(before)


class _ToStderr(logging.Handler):
    """Writes to whatever stderr is at the moment."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stderr.write(self.format(record) + "\n")
        sys.stderr.flush()


LOGGER.addHandler(_ToStderr())
LOGGER.setLevel(logging.INFO)
LOGGER.propagate = False  # else a program that logs, too, would show every line twice


@contextmanager
def _bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(label, total=total)
        yield lambda done: bars.advance(task, done)


class _Lines:
    def __init__(self, label: str, total: int, unit: str) -> None:
        self._label, self._total, self._unit = label, total, unit
        self._done, self._last = 0, time.monotonic()

    def __call__(self, done: int) -> None:
        self._done += done
        if time.monotonic() - self._last >= SECONDS_BETWEEN_LINES:
            self._last = time.monotonic()
            say(f"{self._label}: {self._done:,} of {self._total:,}{self._unit}")
