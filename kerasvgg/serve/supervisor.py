"""The process that holds the socket: it begins those that answer, again where one ends, and others for another model.

A model is judged by the first process that opens it. Until that is ready the ones before go on answering, and where it
refuses they do so for good.
"""

import logging
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import FrameType
from typing import Any

from kerasvgg.errors import KerasVGGError, ModelFileError
from kerasvgg.process.children import begin
from kerasvgg.process.threads import share_of_processors
from kerasvgg.serve import metrics
from kerasvgg.serve.guard import Access
from kerasvgg.serve.limits import Limits
from kerasvgg.serve.log import event
from kerasvgg.serve.model import About
from kerasvgg.serve.snapshot import Snapshot, Source
from kerasvgg.serve.worker import LEAVE, READY, SERVE, STOP, Task, work

TICK = 0.2  # seconds between two looks around
LOOK = 1.0  # seconds between two looks at the model's files
SOON = 5.0  # seconds of life, before which a process that ends waits for its successor
LONGEST_WAIT = 30.0
SECONDS_TO_OPEN = 600.0
STOPPING = (signal.SIGINT, signal.SIGTERM)
SIGNALS = STOPPING if sys.platform == "win32" else (*STOPPING, signal.SIGHUP)


@dataclass
class _Worker:
    """A process; `stage` is "opening", "serving" or "leaving"."""

    process: BaseProcess
    connection: Connection
    snapshot: Snapshot
    began: float
    stage: str = "opening"

    def tell(self, word: str) -> None:
        try:
            self.connection.send(word)
        except OSError:  # it has ended, which is seen at the next look
            return


class Supervisor:
    """Serves a model until it is told to stop; `workers` processes answer. `say` is told when they begin to."""

    def __init__(self, source: Source, folder: Path, access: Access, limits: Limits, workers: int) -> None:
        self._source, self._folder, self._access, self._limits, self._count = source, folder, access, limits, workers
        self._workers: list[_Worker] = []
        self._model: Snapshot | None = None
        self._about: About | None = None
        self._candidate: Snapshot | None = None
        self._is_asked = self._is_stopping = False
        self._looked, self._pause, self._next = 0.0, 0.0, 0.0

    def run(self, listening: socket.socket, say: Callable[[], None]) -> None:
        """Serves. Raises KerasVGGError where the first model is refused."""
        self._listening, self._say = listening, say
        before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        try:
            self._candidate = self._taken()
            while not self._is_stopping:
                self._look_around()
                wait([one.connection for one in self._workers], TICK)
            event("stopping")
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if number not in STOPPING:
            self._is_asked = True
        elif self._is_stopping:  # for the second time
            for one in self._workers:
                one.process.kill()
        else:
            self._is_stopping = True

    def _look_around(self) -> None:
        for one in list(self._workers):
            is_alive = one.process.is_alive()  # asked first, so that its last words are heard
            self._listen(one)
            if not is_alive:
                self._bury(one)
            elif one.stage == "opening" and time.monotonic() - one.began > SECONDS_TO_OPEN:
                one.process.kill()
        self._look_at_files()
        self._begin_missing()
        self._let_go()

    def _listen(self, one: _Worker) -> None:
        try:
            while one.connection.poll():
                word, about = one.connection.recv()
                if word == READY:
                    self._put_to_work(one, about)
                else:
                    self._refuse(one, about)
        except (EOFError, OSError):  # it has ended
            return

    def _put_to_work(self, one: _Worker, about: About) -> None:
        if one.snapshot is self._candidate:
            if self._about and self._about.class_names != about.class_names:
                classes = {"before": self._about.class_names, "now": about.class_names}
                event("the classes are others", logging.WARNING, **classes)
            self._model, self._candidate, is_first = one.snapshot, None, self._model is None
            self._about = about
            event("model taken", model=one.snapshot.name, engine=about.engine, classes=len(about.class_names))
            if is_first:
                self._listening.listen()
                self._say()
        if one.snapshot is self._model:
            one.stage = "serving"
            one.tell(SERVE)
        else:  # another model came meanwhile
            one.stage = "leaving"
            one.tell(LEAVE)

    def _refuse(self, one: _Worker, why: str) -> None:
        one.stage = "leaving"
        if one.snapshot is self._candidate:
            self._candidate = None
            if self._model is None:
                raise ModelFileError(why)
            event("model refused, the one before goes on", logging.ERROR, model=one.snapshot.name, why=why)
        else:
            event("the model can't be opened again", logging.ERROR, why=why)
            self._wait_longer()

    def _bury(self, one: _Worker) -> None:
        self._workers.remove(one)
        one.connection.close()
        status = one.process.exitcode
        metrics.forget(one.process.pid or 0)
        if one.stage == "opening":
            self._refuse(
                one, f"the process that opens the model ended with status {status}, perhaps for lack of memory"
            )
        elif one.stage == "serving":
            event("a process ended, another one begins", logging.ERROR, ended=one.process.pid, status=status)
            if time.monotonic() - one.began < SOON:
                self._wait_longer()
            else:
                self._pause = 0.0
        if one.snapshot not in (self._model, self._candidate, *(other.snapshot for other in self._workers)):
            one.snapshot.remove()

    def _wait_longer(self) -> None:
        self._pause = min(LONGEST_WAIT, 2 * self._pause or TICK)
        self._next = time.monotonic() + self._pause

    def _look_at_files(self) -> None:
        now = time.monotonic()
        if self._candidate or not self._model or not (self._is_asked or now - self._looked > LOOK):
            return
        self._looked = now
        if self._is_asked or self._source.has_changed():
            self._is_asked = False
            try:
                found = self._taken()
            except (KerasVGGError, OSError) as error:
                event("model refused, the one before goes on", logging.ERROR, why=str(error))
                return
            if found.name == self._model.name:
                event("the model is the same as before", model=found.name)
                found.remove()
                return
            self._candidate = found

    def _taken(self) -> Snapshot:
        found = self._source.take(self._folder)
        if found is None:
            raise ModelFileError("somebody is writing to the model's files")
        return found

    def _begin_missing(self) -> None:
        """Begins a process for a model that is to be judged, and those that lack for the one that answers."""
        if self._candidate and not any(one.snapshot is self._candidate for one in self._workers):
            self._begin(self._candidate)
        there = sum(one.snapshot is self._model and one.stage != "leaving" for one in self._workers)
        if self._model and there < self._count and time.monotonic() >= self._next:
            self._begin(self._model)

    def _begin(self, snapshot: Snapshot) -> None:
        ours, theirs = Pipe()
        task = Task(snapshot.path, snapshot.name, self._access, self._limits, share_of_processors(self._count))
        words: list[Any] = [task, self._listening, theirs]
        self._workers.append(_Worker(begin(work, words), ours, snapshot, time.monotonic()))
        theirs.close()

    def _let_go(self) -> None:
        """Has processes with an earlier model leave, once there are enough with the one that answers."""
        serving = [one for one in self._workers if one.stage == "serving"]
        if sum(one.snapshot is self._model for one in serving) < self._count:
            return
        for one in serving:
            if one.snapshot is not self._model:
                one.stage = "leaving"
                one.tell(LEAVE)

    def _stop(self) -> None:
        """Has all processes finish what they have in hand."""
        self._listening.close()
        for one in self._workers:
            if one.stage == "opening":
                one.process.kill()
            one.tell(STOP)
        ends = time.monotonic() + self._limits.seconds + SOON
        for one in self._workers:
            one.process.join(max(0.0, ends - time.monotonic()))
            if one.process.is_alive():
                one.process.kill()
                one.process.join()
