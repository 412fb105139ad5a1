"""How much a server takes on."""

from dataclasses import dataclass

MOST_PICTURES = 64  # of one request
SECONDS_FOR_HEAD = 10.0  # that a request's first lines may take
SECONDS_FOR_BODY = 30.0  # or as long as an answer may take, if that is less
MOST_CONNECTIONS = 1000
RETRY_AFTER = 1  # seconds that a client is asked to wait


@dataclass(frozen=True)
class Limits:
    """`body` are bytes of one request, `queue` pictures that wait in a process and requests that it has in hand.

    `seconds` is how long an answer may take. A batch has at most `batch` pictures; those that are about to come are
    waited for during `wait` seconds.
    """

    body: int = 20_000_000
    queue: int = 256
    seconds: float = 30.0
    batch: int = 16
    wait: float = 0.01

    @property
    def held(self) -> int:
        """The most bytes of requests that one process holds at a time."""
        return max(self.body, 256_000_000)
