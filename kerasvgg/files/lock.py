"""A lock file that keeps other processes out."""

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kerasvgg.errors import DataError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class BusyError(DataError):
    """Another process is at work there."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock file `path` during the block; the system lets go of it however the process ends.

    Raises BusyError while someone else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if not _taken(file.fileno(), path):
            raise BusyError(f"{_holder(path)} is at work on it and holds `{path}`; run again when it has ended")
        try:
            with suppress(OSError):  # on a full disk the lock holds too, it only can't say who has it
                file.truncate(0)
                os.write(file.fileno(), f"process {os.getpid()} on {platform.node()}".encode())
            yield
        finally:
            with suppress(OSError):  # Windows keeps the name of an open file
                path.unlink()


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")[:200] or "another process"
    except OSError:  # Windows lets nobody else read it
        return "another process"


def _taken(handle: int, path: Path) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    # The holder before may have removed the name between our open and our lock: then the lock guards nothing.
    return path.exists() and os.path.samestat(os.fstat(handle), path.stat())
