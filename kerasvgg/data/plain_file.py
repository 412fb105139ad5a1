"""What a name stands for, asked before it is opened: a pipe would wait for ever, a device never end."""

import stat
from pathlib import Path

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
