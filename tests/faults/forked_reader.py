"""kerasvgg's reading process, forked from one that has it loaded instead of started anew: some ten times as fast."""

import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from typing import Any, NamedTuple

from kerasvgg.modelfile import reader
from kerasvgg.modelfile.read import child


class End(NamedTuple):
    """How a process ended; `status` is negative for a signal, None where its time was over."""

    status: int | None
    seconds: float
    memory: int


ENDS: list[End] = []


def install() -> None:
    """Has `kerasvgg.modelfile.read.child` fork; all else it does is its own."""
    child.subprocess = _Subprocess  # type: ignore[assignment]


class _Subprocess:
    DEVNULL, TimeoutExpired, CompletedProcess = (
        subprocess.DEVNULL,
        subprocess.TimeoutExpired,
        subprocess.CompletedProcess,
    )

    @staticmethod
    def run(command: list[str], *, timeout: float, **_: Any) -> subprocess.CompletedProcess[bytes]:
        out, err = os.pipe(), os.pipe()
        started = time.monotonic()
        number = os.fork()
        if number == 0:
            _read(command[4:], out[1], err[1])
        os.close(out[1])
        os.close(err[1])
        said = _collected(out[0], err[0], started + timeout)
        if said is None:
            os.kill(number, signal.SIGKILL)
        _, status, used = os.wait4(number, 0)
        code = os.waitstatus_to_exitcode(status)
        ENDS.append(End(None if said is None else code, time.monotonic() - started, used.ru_maxrss << 10))
        if said is None:
            raise subprocess.TimeoutExpired(command, timeout)
        return subprocess.CompletedProcess(command, code, *said)


def _read(words: list[str], out: int, err: int) -> None:
    status = 1
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.closerange(3, 100)
        sys.argv = ["reader", *words]
        reader.main()
        sys.stdout.flush()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _collected(out: int, err: int, until: float) -> tuple[bytes, bytes] | None:
    """Returns what was written to both to their ends, or None where it takes too long."""
    parts: dict[int, list[bytes]] = {out: [], err: []}
    with selectors.DefaultSelector() as waiting:
        for pipe in parts:
            waiting.register(pipe, selectors.EVENT_READ)
        while waiting.get_map() and time.monotonic() < until:
            for key, _ in waiting.select(until - time.monotonic()):
                if part := os.read(key.fd, 1 << 20):
                    parts[key.fd].append(part)
                else:
                    waiting.unregister(key.fd)
        in_time = not waiting.get_map()
    os.close(out)
    os.close(err)
    return (b"".join(parts[out]), b"".join(parts[err])) if in_time else None
