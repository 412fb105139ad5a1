"""How many bytes of memory there are."""

import os
from contextlib import suppress
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


def available_memory() -> int | None:
    """Returns the bytes that a program can have without pushing others out, or None where the system does not say.

    On Linux that is what is available now, within the limit of a container; elsewhere all that the machine has.
    """
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        available = 1024 * int(next(line for line in lines if line.startswith("MemAvailable:")).split()[1])
        return min(available, _left_in_container())
    with suppress(AttributeError, ValueError, OSError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _left_in_container() -> int:
    try:
        limit, used, parts = (
            (CGROUP / f"memory.{name}").read_text(encoding="ascii") for name in ("max", "current", "stat")
        )
        of_files = next(int(line.split()[1]) for line in parts.splitlines() if line.startswith("inactive_file "))
        return int(limit) - int(used) + of_files  # what only remembers files is given up when it is needed
    except (OSError, ValueError, StopIteration):  # no limit, or no container
        return 1 << 62
