"""What a process may still do before it looks into a stranger's file."""

import os
from pathlib import Path

MEMORY = 160 << 20  # bytes, besides what is there already


def limit(memory: int, seconds: int) -> list[str]:
    """Takes from this process, for ever, memory, time, new files, sockets and processes; returns what it could not.

    After this no file, pipe or socket can be opened, whatever code asks for it: the table of open files is full.
    """
    try:
        import resource
    except ImportError:  # Windows
        return ["memory", "processor time", "opening of files"]
    size = _address_space()  # asked while /proc can still be read
    _set(resource.RLIMIT_CPU, seconds)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, 0)
    _set(resource.RLIMIT_NOFILE, _lowest_unused())
    if size is None:
        return ["memory"]
    _set(resource.RLIMIT_AS, size + memory)
    return []


def _set(which: int, value: int) -> None:
    import resource

    most = resource.getrlimit(which)[1]
    value = value if most == resource.RLIM_INFINITY else min(value, most)
    resource.setrlimit(which, (value, value))


def _lowest_unused() -> int:
    """Returns the number that the next file would get; all below it are in use."""
    number = os.dup(0)
    os.close(number)
    return number


def _address_space() -> int | None:
    """Returns the bytes of addresses in use; None where only Linux would tell."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None
