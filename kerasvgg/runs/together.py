"""One command in several processes that train as one: begun, watched, and all begun again where one of them ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from kerasvgg.errors import KerasVGGError
from kerasvgg.process.progress import say, warn
from kerasvgg.process.signals import Interrupted
from kerasvgg.process.threads import processors
from kerasvgg.training.member import environment

MOST_STARTS = 4  # of all of them, after which the command has failed
SECONDS = 0.2  # between looks
LINES = 12  # of what an ended process told last


class Place(Protocol):
    """Where a process can be begun; its `address` is host:port, which the others reach it by."""

    address: str

    def begin(self, words: Sequence[str], variables: dict[str, str]) -> None:
        """Begins kerasvgg with these words and, beside what there is, these variables."""
        ...

    def ended(self) -> int | None:
        """Returns its exit status, None while it is at work."""
        ...

    def told(self) -> str:
        """Returns what it told last."""
        ...

    def kill(self) -> None:
        """Ends it."""
        ...


class Here:
    """This machine. The first process tells what it has to tell on this terminal, the others keep it to themselves."""

    def __init__(self, is_first: bool, sharing: int, host: str) -> None:
        self.address, self._is_first, self._sharing = f"{host}:{_free_port(host)}", is_first, sharing
        self._output = None if is_first else tempfile.TemporaryFile()  # noqa: SIM115 - `kill` closes it
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, words: Sequence[str], variables: dict[str, str]) -> None:
        """See `Place.begin`. Ctrl-C is the first one's matter."""
        threads = str(max(1, processors() // self._sharing))
        devices = {"CUDA_VISIBLE_DEVICES": variables["KERASVGG_MEMBER"].partition("/")[0]} if _has_gpus() else {}
        env = {**os.environ, **variables, **devices, "KERASVGG_THREADS": threads, "TF_NUM_INTRAOP_THREADS": threads}
        how: dict[str, Any] = {} if self._is_first else {"stdout": self._output, "stderr": self._output}
        command = [sys.executable, "-m", "kerasvgg", *words]
        self._process = subprocess.Popen(command, env=env, start_new_session=not self._is_first, **how)

    def ended(self) -> int | None:
        """See `Place.ended`."""
        return self._process.poll() if self._process else None

    def told(self) -> str:
        """See `Place.told`."""
        if self._output is None:
            return ""
        self._output.seek(0)
        return "\n".join(self._output.read().decode(errors="replace").splitlines()[-LINES:])

    def stop(self, number: int) -> int:
        """Passes a signal on, and returns the status that it ends with."""
        if self._process is None:
            return 0
        if number != signal.SIGINT:  # which the terminal has sent to it already
            self._process.send_signal(number)
        return self._process.wait()

    def kill(self) -> None:
        """See `Place.kill`."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._output:
            self._output.close()


Others = Callable[[int], Sequence[Place]]  # returns where so many are begun


def run_together(words: Sequence[str], count: int, others: Others | None = None, host: str = "127.0.0.1") -> int:
    """Has so many processes do what `kerasvgg run` does with these words; returns the first one's exit status.

    Where another of them ends, all are begun again and go on from the last state. The first is on this machine, which
    the others know as `host`; these are where `others` says, by default here, too, and then share its processors.
    Raises KerasVGGError where they end again and again.
    """
    say(f"{count} processes train as one")
    for start in range(MOST_STARTS):
        status, lost = _once(
            [*words, *(["--resume"] if start and "--resume" not in words else [])], count, others, host
        )
        if lost is None:
            return status
        warn(f"{lost}; all are begun again, and go on from the last state")
    raise KerasVGGError(f"one of {count} processes has ended {MOST_STARTS} times; the last: {lost}")


def _once(words: Sequence[str], count: int, others: Others | None, host: str) -> tuple[int, str | None]:
    """Runs all of them; returns the first one's status, and what is told of another one that has ended before it."""
    first = Here(True, 1 if others else count, host)
    places = [first, *(others(count - 1) if others else [Here(False, count, host) for _ in range(count - 1)])]
    addresses = [place.address for place in places]
    with _ended_at_last(places):
        for number, place in enumerate(places):
            place.begin(words, environment(number, addresses))
        try:
            while (status := first.ended()) is None:
                time.sleep(SECONDS)
                for number, place in enumerate(places[1:], start=1):
                    if place.ended() and first.ended() is None:
                        return 1, f"process {number} ended with {place.ended()}: {place.told() or 'nothing told'}"
        except KeyboardInterrupt as stop:
            return first.stop(stop.number if isinstance(stop, Interrupted) else signal.SIGINT), None
        return status, None


@contextmanager
def _ended_at_last(places: Sequence[Place]) -> Iterator[None]:
    with ExitStack() as open_:
        for place in places:
            open_.callback(place.kill)
        yield


def _free_port(host: str) -> int:
    with socket.socket() as held:
        held.bind((host, 0))
        return int(held.getsockname()[1])


def _has_gpus() -> bool:
    return Path("/dev/nvidia0").exists()
