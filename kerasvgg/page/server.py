"""The server itself: on 127.0.0.1 alone, until Ctrl-C."""

import secrets
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import uvicorn

from kerasvgg.errors import ConfigError
from kerasvgg.page.app import make_app

HOST = "127.0.0.1"
MOST_AT_ONCE = 200  # requests; more are told to come back
SECONDS_TO_END = 2  # that open streams have


def serve(runs: Path, port: int, say: Callable[[str], None], *, browser: bool) -> None:
    """Serves the page until it is interrupted; `say` is told the address. Raises ConfigError for a port that is taken.

    With port 0 the system picks one.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
            listening.listen()  # from now on whoever comes waits, and is not turned away
        except OSError as error:
            raise ConfigError(f"`--port` must be one that is free, received {port}: {error.strerror}") from error
        token, port = secrets.token_urlsafe(24), listening.getsockname()[1]
        address = f"http://{HOST}:{port}/?token={token}"
        ending = threading.Event()
        config = uvicorn.Config(
            make_app(runs, port, token, ending),
            log_level="warning",
            access_log=False,  # addresses have tokens
            server_header=False,
            limit_concurrency=MOST_AT_ONCE,
            timeout_graceful_shutdown=SECONDS_TO_END,
            h11_max_incomplete_event_size=32_768,
        )
        say(address)
        with _way_in(address) as file:
            if browser:  # in a thread, because a browser in the terminal is waited for
                threading.Thread(target=webbrowser.open, args=(file.as_uri(),), daemon=True).start()
            _Server(config, ending).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Tells that it ends when a signal comes, so that nobody is kept waiting for news."""

    def __init__(self, config: uvicorn.Config, ending: threading.Event) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends after Ctrl-C or SIGTERM."""
        self._ending.set()
        super().handle_exit(sig, frame)


@contextmanager
def _way_in(address: str) -> Iterator[Path]:
    """Yields a file that only this user can read and that leads to the address, whose token no command line shows."""
    with tempfile.TemporaryDirectory(prefix="kerasvgg-") as folder:  # which is its user's alone
        file = Path(folder) / "kerasvgg.html"
        file.write_text(f'<!doctype html><meta http-equiv="refresh" content="0; url={address}">', encoding="utf-8")
        yield file
