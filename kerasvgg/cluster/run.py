"""One job from beginning to end: who works, in which folder, and what is said meanwhile."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.cluster.job import Event, Job, WorkerPool
from kerasvgg.cluster.ledger import FILE as LEDGER
from kerasvgg.cluster.ledger import Ledger
from kerasvgg.cluster.ray_workers import RayWorkerPool, cluster
from kerasvgg.cluster.remote_worker import RemoteWorker, Task, about_of
from kerasvgg.cluster.worker import LocalPool, Worker
from kerasvgg.data.streams.items import Item, items
from kerasvgg.data.streams.remote import is_remote
from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.lock import locked
from kerasvgg.process.progress import say
from kerasvgg.process.threads import processors

SECONDS = 10.0  # between lines of progress


@dataclass(frozen=True)
class Where:
    """Who works: this process, or a cluster by its `address`, whose workers have so many `threads` each.

    With `rehash` files that are known are read again; what their contents came to stays.
    """

    address: str | None = None
    threads: int = 1
    allow_mixed: bool = False
    rehash: bool = False

    @property
    def threads_each(self) -> int:
        """How many threads each worker computes with."""
        return self.threads if self.address else processors()

    @property
    def mixed(self) -> dict[str, bool]:
        """What a job notes where its machines may differ in the last bits."""
        return {"machines may differ": True} if self.allow_mixed else {}


@dataclass(frozen=True)
class Done:
    """What a job has come to: `pictures` with as many `contents`, `bad` ones; and what this pass of it did.

    `known` files were not read again, `failed` ones could not be read this time, by their addresses.
    """

    pictures: int
    contents: int
    bad: int
    known: int
    looked: int
    computed: int
    failed: dict[str, str]


@contextmanager
def open_ledger(folder: Path, about: Mapping[str, object]) -> Iterator[Ledger]:
    """Yields the folder's ledger, held against other processes. Raises as `Ledger` does, BusyError if it is held."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / LEDGER).is_file() and any(not one.name.startswith(".") for one in folder.iterdir()):
        raise ConfigError(
            f"`--output` must be a new folder, an empty one, or one of such a job; received {folder} with files in it"
        )
    with locked(folder / ".lock"):
        ledger = Ledger(folder, about)
        try:
            yield ledger
        finally:
            ledger.close()


def run_job(
    ledger: Ledger,
    source: str,
    task: Task | None,
    where: Where,
    checked: Callable[[Iterator[Item]], Iterator[Item]] = iter,
) -> Done:
    """Does what is missing; `checked` may raise for a file before it is handed out. Without a task nothing is computed.

    Raises DataError for a source without a picture, KerasVGGError where no worker is left.
    """
    source = source if is_remote(source) else str(Path(source).resolve())  # one address for each file, on every machine
    found = checked(_outside(ledger.path.parent, items(source)))
    job = Job(ledger, found, _Telling(source), computes=task is not None, rehash=where.rehash)
    with ExitStack() as open_:
        job.run(_WhenNeeded(lambda: _pool(task, where, open_)))
    counts = ledger.counts()
    if not counts["pictures"] and not counts["bad"] and not job.failed:
        raise DataError(f"`{source}` must hold at least one picture, received none")
    return Done(**counts, known=job.known, looked=job.looked, computed=job.computed, failed=job.failed)


def _outside(folder: Path, found: Iterator[Item]) -> Iterator[Item]:
    """Yields the files that are not in the job's own folder."""
    own = f"{folder.resolve().as_posix()}/"
    return (one for one in found if not one.address.startswith(own))


def _pool(task: Task | None, where: Where, open_: ExitStack) -> WorkerPool:
    if where.address is None:
        return LocalPool(Worker(task.build() if task else None))
    open_.enter_context(cluster(where.address))
    one = task.build() if task else None
    here = about_of(one.rows, one.resizing.image_size) if one else about_of(None, (0, 0))
    return RayWorkerPool(RemoteWorker, where.threads, task, here, allow_mixed=where.allow_mixed)


class _WhenNeeded:
    """Workers that begin when there is something to do."""

    def __init__(self, begin: Callable[[], WorkerPool]) -> None:
        self._begin = begin
        self._pool: WorkerPool | None = None

    def next(self) -> Event:
        """See `WorkerPool.next`."""
        self._pool = self._pool or self._begin()
        return self._pool.next()


class _Telling:
    """Says every ten seconds how a job goes; how many files there are is counted meanwhile."""

    def __init__(self, source: str) -> None:
        self._began = self._told = time.monotonic()
        self._total: int | None = None
        threading.Thread(target=self._count, args=(source,), daemon=True).start()

    def __call__(self, job: Job) -> None:
        now = time.monotonic()
        if now - self._told < SECONDS:
            return
        self._told, gone = now, now - self._began
        machines = ", ".join(f"{name} {count / gone:.0f}" for name, count in job.by_machine.items())
        bad = f", {job.bad:,} bad" if job.bad else ""
        say(f"{job.looked:,} pictures{bad}, {job.looked / gone:.0f} a second ({machines}){self._left(job, gone)}")

    def _left(self, job: Job, gone: float) -> str:
        if self._total is None or not job.files:
            return ""
        seconds = max(0, self._total - job.known - job.files) * gone / job.files
        return f", about {seconds / 60:.0f} minutes left" if seconds > 90 else f", about {seconds:.0f} seconds left"

    def _count(self, source: str) -> None:
        if not source.lower().endswith(".csv"):  # each of whose files would be asked after once more
            with suppress(Exception):  # which the job raises, too
                self._total = sum(1 for _ in items(source))
