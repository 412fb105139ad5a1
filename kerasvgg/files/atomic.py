"""Files and folders that are whole or not there."""

import errno
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kerasvgg.errors import DataError, WriteError

DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # what a full or broken disk answers


@contextmanager
def replacing(path: Path, needed: int = 0) -> Iterator[Path]:
    """Yields a temporary path beside `path`; what the block wrote there takes `path`'s place if it ends well.

    The content is synced to disk before the rename, so that after a crash `path` is the old file or the new one.
    The temporary name keeps the suffix, because writers choose their format by it. `needed` is how many bytes the
    block is about to write, so far as that is known. Raises WriteError when the disk is full or fails, or where nothing
    may be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise WriteError(f"`{path}` can't be written: {error.strerror}") from error
    temporary = path.with_name(f".{uuid.uuid4().hex}.tmp{path.suffix}")
    try:
        if needed > shutil.disk_usage(path.parent).free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        if error.errno in DISK:
            _remove(temporary)
            raise WriteError(_why(path, needed, error)) from error
        if isinstance(error, PermissionError) and error.filename == str(temporary):
            raise WriteError(f"`{path}` can't be written: {error.strerror} in `{path.parent.absolute()}`") from error
        raise
    finally:
        _remove(temporary)


def sweep(folder: Path) -> None:
    """Removes the temporary files that killed writers have left in `folder`; nobody may be writing there."""
    for path in folder.glob(".*.tmp*"):
        if re.fullmatch(r"\.[0-9a-f]{32}\.tmp(\.\w+)?", path.name):
            _remove(path)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink()


def _why(path: Path, needed: int, error: OSError) -> str:
    wanted = f"it needs {needed:,} bytes, and" if needed else "and"
    free = shutil.disk_usage(path.parent).free
    return (
        f"`{path}` can't be written: {os.strerror(error.errno or 0)}; {wanted} `{path.parent}` has {free:,} free; "
        "what was written before stays good"
    )


def sync_folder(folder: Path) -> None:
    """Syncs a folder's list of names, where the platform lets a folder be opened."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Writes `text` as UTF-8 in place of `path`."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes | memoryview) -> None:
    """Writes `content` in place of `path`."""
    with replacing(path, len(content)) as temporary:
        temporary.write_bytes(content)


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """Yields the path of a folder for the block to make, which becomes `folder` if the block ends well.

    If it does not, what it made is removed; a killed process leaves at most a hidden `.NAME.*.tmp` beside `folder`.
    Raises DataError if `folder` is there already.
    """
    if folder.exists():
        raise DataError(f"`{folder}` must not exist yet; move it away first")
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield fresh
        fresh.rename(folder)
        sync_folder(folder.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
