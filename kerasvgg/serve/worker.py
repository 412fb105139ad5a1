"""A process that answers: it opens a copy of the model, judges it, and serves when it is told to."""

import asyncio
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType

import uvicorn

from kerasvgg.errors import KerasVGGError
from kerasvgg.process.children import settle
from kerasvgg.process.threads import processors
from kerasvgg.serve.app import make_app
from kerasvgg.serve.guard import Access, Phase
from kerasvgg.serve.limits import Limits
from kerasvgg.serve.log import begin_log, event, trouble
from kerasvgg.serve.metrics import Metrics
from kerasvgg.serve.model import Model
from kerasvgg.serve.opening import open_checked
from kerasvgg.serve.protocol import Protocol

SERVE, LEAVE, STOP = "serve", "leave", "stop"  # what a process is told
READY, REFUSED = "ready", "refused"  # what it says
BACKLOG = 2048  # connections that wait
AT_ONCE = 4  # connections that a process takes before others have a turn
LONGEST_HEAD = 32_768  # bytes
LAST_WORDS = 1.0  # seconds in which whoever is connected is told that the server stops


@dataclass(frozen=True)
class Task:
    """`model` is a copy of its files, called `name`; `threads` compute."""

    model: Path
    name: str
    access: Access
    limits: Limits
    threads: int


def work(task: Task, listening: socket.socket, connection: Connection) -> None:
    """Opens the model and says whether it can answer; then serves until it is told to leave or to stop."""
    settle(task.threads)
    begin_log()
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # which is for the process that began this one
    try:
        model = open_checked(task.model, processors())
    except (KerasVGGError, OSError, MemoryError) as error:
        connection.send((REFUSED, str(error) or "out of memory"))
        return
    except Exception as error:
        trouble("the model can't be opened", error)
        connection.send((REFUSED, f"{type(error).__name__}: {error}"))
        return
    connection.send((READY, model.about))
    with suppress(EOFError):
        if connection.recv() == SERVE:
            asyncio.run(_serve(task, model, listening, connection))


async def _serve(task: Task, model: Model, listening: socket.socket, connection: Connection) -> None:
    phase, metrics = Phase(), Metrics()
    guard, _ = make_app(model, task.name, task.access, limits=task.limits, phase=phase, metrics=metrics)
    config = uvicorn.Config(
        guard,
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=AT_ONCE,
        timeout_graceful_shutdown=int(task.limits.seconds) + 1,
        h11_max_incomplete_event_size=LONGEST_HEAD,
    )
    server = _Server(config, phase)
    loop = asyncio.get_running_loop()
    threading.Thread(target=_listen, args=(connection, loop, server), daemon=True).start()
    event("serving", model=task.name, engine=model.about.engine)
    await server.serve([listening])


def _listen(connection: Connection, loop: asyncio.AbstractEventLoop, server: "_Server") -> None:
    try:
        word = connection.recv()
    except (EOFError, OSError):  # who began this process is gone
        word = STOP
    with suppress(RuntimeError):  # it has ended by itself
        loop.call_soon_threadsafe(server.end, word == STOP)


class _Server(uvicorn.Server):
    """A server that leaves without losing a request: who is connected has an answer, and is told to connect anew."""

    def __init__(self, config: uvicorn.Config, phase: Phase) -> None:
        super().__init__(config)
        self._phase = phase

    def end(self, is_stop: bool) -> None:
        """Takes no more connections; where the whole server stops, no more pictures either."""
        self._phase.leaving, self._phase.stopping = True, is_stop
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ends after SIGTERM; Ctrl-C is for the process that began this one."""
        if sig == signal.SIGTERM:
            self.end(is_stop=False)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begins to take connections."""
        await super().startup(sockets)
        for one in sockets or ():
            one.listen(BACKLOG)  # which asyncio takes for one number with those at a time

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends once each connection has had its last answer, or has been idle as long as any may be."""
        for server in self.servers:
            server.close()
        for one in sockets or ():
            one.close()
        loop = asyncio.get_running_loop()
        ends = loop.time() + (LAST_WORDS if self._phase.stopping else self.config.timeout_keep_alive + LAST_WORDS)
        while self.server_state.tasks or (self.server_state.connections and loop.time() < ends):
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)
