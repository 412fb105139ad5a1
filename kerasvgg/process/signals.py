"""Ctrl-C and SIGTERM at a moment when nothing is half done."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(KeyboardInterrupt):
    """Carries the signal's number as `number`; a shell knows the process's end as 128 + number."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


def exit_status(stop: KeyboardInterrupt) -> int:
    """Returns what a shell is told of a process that a signal has ended."""
    return 128 + getattr(stop, "number", signal.SIGINT)


@contextmanager
def interruptible() -> Iterator[None]:
    """Lets SIGTERM raise Interrupted in the block, as Ctrl-C raises KeyboardInterrupt anyway."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise Interrupted(number)

    with _handling((signal.SIGTERM,), stop):
        yield


@contextmanager
def finishing_batches() -> Iterator[Callable[[], None]]:
    """Yields a function that raises Interrupted if Ctrl-C or SIGTERM has come; call it after every batch.

    The first signal is noted and said; a second one ends the process at once.
    """
    received: list[int] = []

    def note(number: int, frame: FrameType | None) -> None:
        received.append(number)
        if "ipykernel" not in sys.modules:  # there it would end the notebook with all that is in it
            for each in SIGNALS:
                signal.signal(each, signal.SIG_DFL)
        # Whoever was interrupted may be in the middle of writing to sys.stderr.
        with suppress(OSError):
            os.write(2, b"\nstopping after this batch; once more stops at once\n")

    def check() -> None:
        if received:
            raise Interrupted(received[0])

    with _handling(SIGNALS, note):
        yield check
    check()


@contextmanager
def _handling(numbers: tuple[int, ...], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Installs the handler where signals can be handled and are not ignored on purpose, as in background jobs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in numbers}
    caught = {number: former for number, former in before.items() if former not in (signal.SIG_IGN, None)}
    for number in caught:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, former in caught.items():
            signal.signal(number, former)
