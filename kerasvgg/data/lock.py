"""One process at a time."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kerasvgg.errors import DataError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds the lock file `path` during the block; the system lets go of it however the process ends.

    Raises DataError while someone else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        if not _taken(file.fileno(), path):
            raise DataError(f"another process is at work on it and holds `{path}`; run again when it has ended")
        try:
            yield
        finally:
            with suppress(OSError):  # Windows keeps the name of an open file
                path.unlink()


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
