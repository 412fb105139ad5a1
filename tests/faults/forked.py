"""Runs kerasvgg's commands, one JSON list of words a line, each in a copy of this process with the libraries loaded.

Answers each with a line of JSON: the status, stdout, stderr, seconds of the processor, and bytes of memory beyond ours.
A copy that takes too long or too much memory is ended by the system.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

import matplotlib.backends.backend_agg
import matplotlib.figure  # noqa: F401
import numpy as np  # noqa: F401
import rich.console
import rich.table  # noqa: F401

from kerasvgg.__main__ import main
from kerasvgg.cli.app import app  # noqa: F401

LONGEST = 40  # seconds
MOST_ADDRESSES = 12 << 30  # bytes, of which TensorFlow takes some 4 GB


def copy(words: list[str], home: Path) -> None:
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(home / name, os.O_CREAT | os.O_TRUNC | os.O_WRONLY), number)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESSES, MOST_ADDRESSES))
    signal.alarm(LONGEST)
    sys.argv = ["kerasvgg", *words]
    main()


def serve(home: Path, with_tensorflow: bool) -> None:
    if with_tensorflow:
        import keras  # noqa: F401
    own = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 10
    for line in sys.stdin:
        folder, *words = json.loads(line)
        os.chdir(folder)
        if (child := os.fork()) == 0:
            copy(words, home)
        _, status, usage = os.wait4(child, 0)
        said = [(home / name).read_text(errors="replace") for name in ("out", "err")]
        seconds, memory = usage.ru_utime + usage.ru_stime, (usage.ru_maxrss - own) << 10
        sys.stdout.write(json.dumps([os.waitstatus_to_exitcode(status), *said, seconds, memory]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve(Path(sys.argv[1]), with_tensorflow=len(sys.argv) > 2)
