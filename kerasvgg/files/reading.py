"""Files that anybody may have put there: what a name stands for is asked before it is opened."""

import stat
from pathlib import Path

from kerasvgg.errors import DataError

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def why_not_plain(path: Path) -> str | None:
    """Returns why there is no file to read at `path`, or None; links are followed."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"a link that leads nowhere: {error.strerror}" if path.is_symlink() else error.strerror
    if stat.S_ISREG(mode):
        return None
    kind = KINDS.get(stat.S_IFMT(mode), "something else")
    return f"not a plain file, but {'a link to ' if path.is_symlink() else ''}{kind}"


LARGEST = 4_000_000


def read_bytes(path: Path, largest: int) -> bytes:
    """Returns the content of a plain file. Raises DataError for a pipe, a device, or more bytes than that."""
    if reason := why_not_plain(path):
        raise DataError(f"`{path}` can't be read: {reason}")
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise DataError(f"`{path}` can't be read: {error.strerror or error}") from error
    if len(content) > largest:
        raise DataError(f"`{path}` must be at most {largest:,} bytes long")
    return content


def read_small(path: Path, largest: int = LARGEST) -> str:
    """Returns the text of a plain file. Raises DataError as `read_bytes` does, and for what is no UTF-8."""
    content = read_bytes(path, largest)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"`{path}` must be UTF-8, received the byte 0x{content[error.start]:02x}") from None
