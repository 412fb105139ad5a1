"""The server itself: bound to an address, until SIGTERM or Ctrl-C."""

import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from kerasvgg.errors import ConfigError
from kerasvgg.serve.guard import Access
from kerasvgg.serve.limits import Limits
from kerasvgg.serve.log import begin_log
from kerasvgg.serve.metrics import count_in
from kerasvgg.serve.snapshot import Source
from kerasvgg.serve.supervisor import Supervisor

LOCAL = "127.0.0.1"
SHORTEST_TOKEN = 16  # letters


def serve(
    model: Path, limits: Limits, say: Callable[[str], None], *, host: str, port: int, token: str, workers: int
) -> None:
    """Serves a run's model or an export; `say` is told the address once it answers. With port 0 the system picks one.

    `token` is "" where none is asked for, `workers` how many processes answer.
    Raises ConfigError for a port that is taken and for other hosts without a token, and ModelFileError for a model
    that can't answer.
    """
    _require_token(host, token)
    source = Source(model)
    with (
        tempfile.TemporaryDirectory(prefix="kerasvgg-serve-") as temporary,
        socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as listening,
    ):
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OSError as error:
            raise ConfigError(f"`--port` must be one that is free, received {port}: {error.strerror}") from error
        port = listening.getsockname()[1]
        hosts = frozenset() if host != LOCAL else frozenset({f"{LOCAL}:{port}", f"localhost:{port}"})
        counts, copies = Path(temporary) / "metrics", Path(temporary) / "models"
        counts.mkdir()
        copies.mkdir()
        count_in(counts)
        begin_log()
        name = f"[{host}]" if ":" in host else host
        supervisor = Supervisor(source, copies, Access(hosts, token), limits, workers)
        supervisor.run(listening, lambda: say(f"http://{name}:{port}"))


def _require_token(host: str, token: str) -> None:
    if host != LOCAL and not token:
        raise ConfigError(f"`--host {host}` needs a token: `--token-file FILE`, or KERASVGG_TOKEN; received none")
    if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or any(one.isspace() for one in token)):
        raise ConfigError(
            f"the token must have at least {SHORTEST_TOKEN} letters, ASCII without spaces, received other"
        )
