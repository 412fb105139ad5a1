"""One command in several processes that train as one: begun, watched, and all begun again where one of them ends."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.process.progress import say, warn
from kerasvgg.process.signals import Interrupted
from kerasvgg.process.threads import share_of_processors
from kerasvgg.training.member import MEMBER, environment

MOST_STARTS = 4  # of all of them, after which the command has failed
SECONDS = 0.2  # between looks
SECONDS_TO_HEAR = 15.0  # of what has ended another process, or of the first one's own words
REFUSED = 2  # the status of one that has said why
LINES, MOST_TOLD = 12, 10_000  # of what an ended process told last


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

    def __init__(self, is_first: bool, host: str) -> None:
        self.address = f"{host}:{_free_port(host)}"
        self._output = None if is_first else tempfile.TemporaryFile()  # noqa: SIM115 - `kill` closes it
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self, words: Sequence[str], variables: dict[str, str]) -> None:
        """See `Place.begin`. Signals come to it by way of this process alone."""
        how: dict[str, Any] = {"stdout": self._output, "stderr": self._output} if self._output else {}
        command = [sys.executable, "-m", "kerasvgg", *words]
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        env = {**os.environ, **_device(variables), **variables}
        self._process = subprocess.Popen(command, env=env, **own_group, **how)

    def ended(self) -> int | None:
        """See `Place.ended`."""
        return self._process.poll() if self._process else None

    def told(self) -> str:
        """See `Place.told`."""
        return last_lines(self._output) if self._output else ""

    def stop(self, number: int) -> int:
        """Passes a signal on, and returns the status that it ends with."""
        if self._process is None:
            return 0
        self._process.send_signal(number)
        return self._process.wait()

    def kill(self) -> None:
        """See `Place.kill`."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._output:
            self._output.close()


def last_lines(output: Any) -> str:
    """Returns what a process told last, without touching where it writes next."""
    size = os.fstat(output.fileno()).st_size
    told = os.pread(output.fileno(), MOST_TOLD, max(0, size - MOST_TOLD)) if hasattr(os, "pread") else b""
    return "\n".join(told.decode(errors="replace").splitlines()[-LINES:])


Others = Callable[[int], Sequence[Place]]  # returns where so many are begun
MayResume = Callable[[], bool]  # tells whether the command's runs have begun, so that all may go on with them


def run_together(
    words: Sequence[str],
    count: int,
    may_resume: MayResume,
    others: Others | None = None,
    host: str = "127.0.0.1",
) -> int:
    """Has so many processes do what `kerasvgg run` does with these words; returns the first one's exit status.

    Where one of them is lost, all are begun again and go on from the last state. The first is on this machine, which
    the others know as `host`; these are where `others` says, by default here, too, and then share its processors.
    Raises KerasVGGError where they are lost again and again.
    """
    say(f"{count} processes train as one")
    for _ in range(MOST_STARTS):
        status, lost = _once(words, count, others, host)
        if lost is None:
            return status
        warn(f"{lost}; all are begun again, and go on from the last state")
        words = [*words, "--resume"] if "--resume" not in words and may_resume() else words
    raise KerasVGGError(f"one of {count} processes was lost {MOST_STARTS} times; the last: {lost}")


def _once(words: Sequence[str], count: int, others: Others | None, host: str) -> tuple[int, str | None]:
    """Runs all of them; returns the first one's status, and what is told of one that was lost."""
    first = Here(True, host)
    places = [first, *(others(count - 1) if others else [Here(False, host) for _ in range(count - 1)])]
    addresses = [place.address for place in places]
    threads = str(share_of_processors(1 if others else count))  # equal everywhere, as what is kept depends on it
    equal = {"KERASVGG_THREADS": threads, "TF_NUM_INTRAOP_THREADS": threads}
    with ExitStack() as open_:
        for place in places:
            open_.callback(place.kill)
        for number, place in enumerate(places):
            place.begin(words, {**environment(number, addresses), **equal})
        try:
            return _watched(first, places[1:])
        except KeyboardInterrupt as stop:
            return first.stop(stop.number if isinstance(stop, Interrupted) else signal.SIGINT), None


def _watched(first: Here, others: Sequence[Place]) -> tuple[int, str | None]:
    """Waits until the first has ended, or another one was lost.

    What all refuse, all say with the same status, and it is the first that tells it. Where one is gone, the first may
    find its link broken before that is known here.
    """
    while (status := first.ended()) is None:
        time.sleep(SECONDS)
        if lost := _lost(others):
            return 1, lost
        if (refusing := _refusing(others)) and _ends(first) is None:
            raise KerasVGGError(f"another process refuses: {refusing.told() or 'nothing told'}")
    if status < 0:  # as where memory ran out: what the user sends comes by way of this process
        return 128 - status, f"the first process ended with {status}"
    if status in (0, REFUSED) or status > 128:
        return status, None
    deadline = time.monotonic() + SECONDS_TO_HEAR
    while (lost := _lost(others)) is None and time.monotonic() < deadline:
        time.sleep(SECONDS)
    return status, lost


def _ends(first: Here) -> int | None:
    """Returns the first one's status, if it ends soon."""
    deadline = time.monotonic() + SECONDS_TO_HEAR
    while first.ended() is None and time.monotonic() < deadline:
        time.sleep(SECONDS)
    return first.ended()


def _lost(others: Sequence[Place]) -> str | None:
    """Returns what there is to tell of one that has ended and did not refuse."""
    for number, place in enumerate(others, start=1):
        if (status := place.ended()) not in (None, 0, REFUSED):
            return f"process {number} ended with {status}: {place.told() or 'nothing told'}"
    return None


def _refusing(others: Sequence[Place]) -> Place | None:
    return next((place for place in others if place.ended() == REFUSED), None)


def _free_port(host: str) -> int:
    with socket.socket() as held:
        held.bind((host, 0))
        return int(held.getsockname()[1])


def _device(variables: dict[str, str]) -> dict[str, str]:
    """Returns which GPU a process has, of those that this one may use. Raises ConfigError where there are too few."""
    if not Path("/dev/nvidia0").exists():
        return {}
    place, count = map(int, variables[MEMBER].split("/"))
    given = os.environ.get("CUDA_VISIBLE_DEVICES")
    known = given.split(",") if given else [str(one) for one in range(len(list(Path("/dev").glob("nvidia[0-9]*"))))]
    if count > len(known):
        raise ConfigError(f"`workers` must be at most the {len(known)} GPUs of this machine, received {count}")
    return {"CUDA_VISIBLE_DEVICES": known[place]}
