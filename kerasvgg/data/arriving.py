"""Folders that are either whole or not there."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerasvgg.atomic import sync_folder
from kerasvgg.errors import DataError


@contextmanager
def arriving(folder: Path) -> Iterator[Path]:
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
