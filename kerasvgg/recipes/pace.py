"""How often to write while something goes on."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager

SHARE = 0.01  # of the time, that writing may take


class Pace:
    """Says when it is time to write again: when the last writing is 1 % of the time since, or after `seconds`."""

    def __init__(self, seconds: float = math.inf) -> None:
        self._seconds, self._ended, self._cost = seconds, -math.inf, 0.0

    @property
    def is_due(self) -> bool:
        """Tells whether it is time."""
        return time.monotonic() - self._ended >= min(self._seconds, self._cost / SHARE)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Measures what the block takes."""
        started = time.monotonic()
        yield
        self._ended = time.monotonic()
        self._cost = self._ended - started
