"""Test access: how often each test split has been scored, because a figure that is looked at often is chosen."""

import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from kerasvgg.errors import ConfigError
from kerasvgg.files.atomic import write_bytes
from kerasvgg.files.locations import cache
from kerasvgg.files.lock import BusyError, locked

NAME = "looks.tsv"
PATIENCE = 30.0  # seconds; another process is done in a hundredth of one


def scored_hash(pictures: Iterable[tuple[str, str]]) -> str:
    """Returns one hash of the (class, SHA-256) of the pictures that are scored, in whatever order."""
    lines = sorted(f"{label}/{content}\n" for label, content in pictures)
    return sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def count_accesses(split: str) -> int:
    """Returns how often the test split with this hash has been scored so far."""
    return sum(line.startswith(split.encode() + b"\t") for line in _read().splitlines())


def record_access(split: str, what: Path) -> int:
    """Notes that the test split with this hash was scored for `what`, a run or an evaluation; returns how often now.

    A line is added to looks.tsv in the folder that is written to; processes take turns, and none loses a line.
    """
    words = split, datetime.now(UTC).isoformat(timespec="seconds"), str(what.absolute())
    line = "\t".join(word.encode("unicode_escape").decode() for word in words)
    with _in_turn():
        write_bytes(cache() / NAME, _read() + f"{line}\n".encode())
        return count_accesses(split)


def require_countable() -> None:
    """Raises ConfigError where no look can be noted, so that nothing is scored, or trained for it, in vain."""
    try:
        with _in_turn():
            pass
    except OSError as error:
        raise ConfigError(
            f"`KERASVGG_CACHE` must be a folder that can be written, because looks at test splits are counted there; "
            f"received {cache()}: {error.strerror or error}"
        ) from error


def times(count: int) -> str:
    """Returns a count in words: "once", "3 times"."""
    return "once" if count == 1 else f"{count:,} times"


def _read() -> bytes:
    try:
        return (cache() / NAME).read_bytes()
    except FileNotFoundError:
        return b""


@contextmanager
def _in_turn() -> Iterator[None]:
    path, deadline = cache() / f".{NAME}.lock", time.monotonic() + PATIENCE
    with ExitStack() as held:
        while not _is_taken(path, held, time.monotonic() > deadline):
            time.sleep(0.01)
        yield


def _is_taken(path: Path, held: ExitStack, is_late: bool) -> bool:
    try:
        held.enter_context(locked(path))
    except BusyError:
        if is_late:
            raise
        return False
    return True
