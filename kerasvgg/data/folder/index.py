"""What is known of picture files since they were looked at, so that those that have not changed are not read again."""

import os
import sqlite3
import stat
import time
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from functools import cache as remembered
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerasvgg.data.pictures.decode import DECODER_VERSION
from kerasvgg.data.pictures.thumbnail import SIDE
from kerasvgg.errors import KerasVGGError
from kerasvgg.files.locations import cache

if TYPE_CHECKING:
    import numpy as np

NAME = "pictures.sqlite"
SCHEMA = "CREATE TABLE IF NOT EXISTS pictures (path BLOB PRIMARY KEY, stamp TEXT, sha256 TEXT, thumbnail BLOB)"
MOST = 250_000  # files, of about 1.2 KB each; those that were looked at first go
SECONDS_TO_WAIT = 2  # for other processes that write at the moment
YOUNG = 2_000_000_000  # nanoseconds in which a file can change twice at what a file system calls one time


class Seen(NamedTuple):
    """A picture's content: the SHA-256 of its file, and a gray thumbnail, if it tells anything."""

    sha256: str
    thumbnail: "np.ndarray | None"


def stamp(path: Path) -> str | None:
    """Returns what is another text once the file, or what decodes it, has changed; None where that can't be told yet.

    Size, times, and the file's number: the time of its last change can't be set back by who writes to it.
    """
    try:
        about = path.stat()
    except OSError:
        return None
    changed = max(about.st_mtime_ns, about.st_ctime_ns)
    if not stat.S_ISREG(about.st_mode) or changed > time.time_ns() - YOUNG:
        return None
    return f"{_decoder()} {about.st_size} {about.st_mtime_ns} {about.st_ctime_ns} {about.st_ino}"


def recall(paths: Sequence[Path]) -> list[Seen | None]:
    """Returns what was seen in each file, None for one that was not looked at or has changed since."""
    found: list[Seen | None] = [None] * len(paths)
    if not size():
        return found
    with suppress(sqlite3.Error, OSError, ValueError, TypeError), closing(_connect()) as connection:
        for place, path in enumerate(paths):
            asked = "SELECT sha256, thumbnail FROM pictures WHERE path = ? AND stamp = ?"
            row = connection.execute(asked, (_address(path), stamp(path))).fetchone()
            found[place] = Seen(row[0], _levels(row[1])) if row else None
    return found


def remember(seen: Iterable[tuple[Path, str, Seen]]) -> None:
    """Remembers what was seen in files that had these stamps; nothing is raised where nothing can be written."""
    rows = [
        (_address(path), mark, one.sha256, None if one.thumbnail is None else one.thumbnail.tobytes())
        for path, mark, one in seen
    ]
    with suppress(sqlite3.Error, OSError, KerasVGGError):
        if rows:
            cache().mkdir(parents=True, exist_ok=True)
            _write(rows)


def size() -> int:
    """Returns how many bytes it takes to know all this."""
    try:
        return (cache() / NAME).stat().st_size
    except OSError:  # there is none, or it is another's
        return 0


def forget() -> int:
    """Forgets all files, and returns how many bytes that was."""
    before = size()
    (cache() / NAME).unlink(missing_ok=True)
    return before


@remembered
def _decoder() -> str:
    return f"{DECODER_VERSION} {version('pillow')}"


def _write(rows: Sequence[tuple[object, ...]]) -> None:
    try:
        with closing(_connect()) as connection, connection:
            connection.executemany("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)", rows)
            connection.execute(
                "DELETE FROM pictures WHERE rowid <= (SELECT rowid FROM pictures ORDER BY rowid DESC LIMIT 1 OFFSET ?)",
                (MOST,),
            )
    except sqlite3.OperationalError:  # busy, or no room
        return
    except sqlite3.DatabaseError:  # damaged: begun anew the next time
        forget()


def _connect() -> sqlite3.Connection:
    connection = sqlite3.connect(cache() / NAME, timeout=SECONDS_TO_WAIT)
    connection.execute(SCHEMA)
    return connection


def _address(path: Path) -> bytes:
    return os.fsencode(path.absolute())


def _levels(kept: bytes | None) -> "np.ndarray | None":
    import numpy as np

    return None if kept is None else np.frombuffer(kept, np.uint8).reshape(SIDE, SIDE)
