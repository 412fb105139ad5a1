"""A folder that a command fills."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasvgg.run_folder import RunFolder


@contextmanager
def new_folder(output: Path | None, parent: Path, name: str) -> "Iterator[RunFolder]":
    """Yields `output`, or parent/name/N with the first N that is free; what stays empty is removed again.

    Raises ConfigError for an output that stands already, unless it is an empty folder, and where nothing can be made.
    """
    from kerasvgg.errors import ConfigError
    from kerasvgg.run_folder import RunFolder

    place = output or parent / name
    made = [one for one in (place, *place.parents) if not one.exists()]
    try:
        if output is not None and output.is_dir() and any(output.iterdir()):
            raise ConfigError(f"`--output` must be a new folder or an empty one, received {output} with files in it")
        if output is None:
            folder = RunFolder.create(parent, name)
        else:
            output.mkdir(parents=True, exist_ok=True)
            folder = RunFolder(output)
    except OSError as error:
        received = output or f"none, and {place} is not"
        reason = error.strerror or error
        raise ConfigError(f"`--output` must be a folder that can be written, received {received}: {reason}") from error
    try:
        yield folder
    finally:
        with suppress(OSError):  # there is something in it
            for one in dict.fromkeys((folder.path, *made)):
                one.rmdir()
