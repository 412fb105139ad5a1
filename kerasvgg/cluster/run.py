"""Jobs from beginning to end: what is asked for, by whom, what is said meanwhile, and what is left in the folder."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from kerasvgg.cluster.features import feature_task
from kerasvgg.cluster.job import Event, Job, WorkerPool
from kerasvgg.cluster.ledger import Ledger
from kerasvgg.cluster.predictions import PredictionTask
from kerasvgg.cluster.ray_workers import RayWorkerPool, RemoteWorker, Task, about_of, cluster
from kerasvgg.cluster.tables import write_bad, write_copies, write_pictures, write_predictions
from kerasvgg.cluster.worker import LocalPool, Worker
from kerasvgg.config.experiment import Experiment
from kerasvgg.data.pictures.decode import DECODER_VERSION
from kerasvgg.data.streams.items import Item, items
from kerasvgg.data.streams.records import stream
from kerasvgg.data.streams.remote import is_remote
from kerasvgg.engines.engine import ENGINES
from kerasvgg.engines.saved import known_model
from kerasvgg.errors import ConfigError, DataError, ModelFileError
from kerasvgg.files.lock import locked
from kerasvgg.modelfile.description import read_description
from kerasvgg.process.progress import say
from kerasvgg.process.threads import processors
from kerasvgg.settings import Engine

SECONDS = 10.0  # between lines of progress


@dataclass(frozen=True)
class Where:
    """Who works: this process, or a cluster by its `address`, whose workers have so many `threads` each."""

    address: str | None = None
    threads: int = 1
    allow_mixed: bool = False

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


def predict_job(
    model: Path, source: str, folder: Path, where: Where, *, engine: Engine | None = None, unknown: bool = False
) -> Done:
    """Predicts all pictures of a source (see `items`) into predictions.csv, predictions.parquet and bad.csv.

    What the folder knows already is not done again. Raises KerasVGGError for a model that can't be opened, a source
    that is not there, another job's folder, or where no worker is left.
    """
    about = read_description(model)
    if about is None:
        raise ModelFileError(f"`{model}` does not say its class names and image size: kerasvgg did not write it")
    taken = _engine(model, source, engine)
    task = PredictionTask(model.read_bytes(), model.suffix, taken, unknown, where.threads_each)
    with _ledger(folder, {**task.about, **where.mixed}) as ledger:
        done = _run(ledger, source, task, where)
        say(f"writing {folder}")
        write_predictions(ledger, folder, about, unknown)
        write_bad(ledger, folder)
    return done


def feature_job(
    experiment: Experiment, source: str, folder: Path | None, where: Where, *, engine: Engine | None = None
) -> tuple[Done, Path]:
    """Computes an experiment's frozen layers for all pictures of a source (see `items`) into shards in a folder.

    Without a `folder` it is the one where the experiment's runs look for them. Raises as `predict_job` does.
    """
    some = (record.load for record in stream(source, (), []))
    if where.allow_mixed and folder is None:
        raise ConfigError(
            "`--output` must name a folder where `--allow-mixed` takes machines that differ, received none"
        )
    task = feature_task(experiment, some, where.threads_each, engine, folder)
    with _ledger(task.folder, {**task.about, **where.mixed}) as ledger:
        done = _run(ledger, source, task, where)
        write_pictures(ledger, task.folder)
        write_bad(ledger, task.folder)
    return done, task.folder


def check_job(source: str, folder: Path, where: Where) -> Done:
    """Looks for files that can't be decoded and for exact copies: pictures.csv and .parquet, copies.csv and bad.csv.

    Raises as `predict_job` does.
    """
    about = {"contents of pictures": "SHA-256", "decoder": f"{DECODER_VERSION}, Pillow {version('pillow')}"}
    with _ledger(folder, about) as ledger:
        done = _run(ledger, source, None, where)
        for write in (write_pictures, write_copies, write_bad):
            write(ledger, folder)
    return done


def _engine(model: Path, source: str, forced: Engine | None) -> Engine:
    """Returns what computes: ncnn where it was seen to compute what this file's model does, found out if need be."""
    known = known_model(model, 0) is not None
    if not known or forced not in (None, "ncnn"):
        from kerasvgg.modelfile.open.open import open_model
        from kerasvgg.runs.engines import learn_of_contents

        opened = open_model(model)  # judged here, before any worker has it
        some = (record.load for record in islice(stream(source, (), []), 64))
        if opened.description and not known:
            learn_of_contents(model, opened.model, opened.description, some)
    taken: Engine = "ncnn" if known_model(model, 0) else ENGINES[0]
    return forced or taken


@contextmanager
def _ledger(folder: Path, about: Mapping[str, object]) -> Iterator[Ledger]:
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".lock"):
        ledger = Ledger(folder, about)
        try:
            yield ledger
        finally:
            ledger.close()


def _run(ledger: Ledger, source: str, task: Task | None, where: Where) -> Done:
    source = source if is_remote(source) else str(Path(source).resolve())  # one address for each file, on every machine
    found = _outside(ledger.path.parent, items(source))
    job = Job(ledger, found, _Telling(source), computes=task is not None)
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
