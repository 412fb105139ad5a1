"""What runs in the process of a worker on a cluster, and what it tells of itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple, Protocol

import numpy as np

from kerasvgg.cluster.worker import Compute, Given, Step, Worker
from kerasvgg.engines.ncnn import instruction_set
from kerasvgg.process.threads import compute_in

CANARY = 4  # made pictures, by whose results machines are compared


class Task(Protocol):
    """What can be sent to a worker, and makes what it computes with there."""

    def build(self) -> Compute:
        """Returns what computes."""
        ...


class About(NamedTuple):
    """The versions and the instruction set that a process has, and what it makes of the canary pictures.

    `trouble` says why it can't do what it is meant for, if it can't.
    """

    versions: str
    instructions: str
    outputs: np.ndarray | None
    trouble: str = ""


class RemoteProcess:
    """A worker's process, which tells, beside its work, whether it is at work."""

    def __init__(self) -> None:
        self._is_working = False

    def is_working(self) -> bool:
        """Tells whether a call is being answered."""
        return self._is_working

    @contextmanager
    def working(self) -> Iterator[None]:
        """Marks the block as work."""
        self._is_working = True
        try:
            yield
        finally:
            self._is_working = False


class RemoteWorker(RemoteProcess):
    """A Worker in a process of its own; `task` None only looks at pictures."""

    def __init__(self, threads: int, task: Task | None) -> None:
        super().__init__()
        compute_in(threads)
        self._compute = task.build() if task else None
        self._worker = Worker(self._compute)

    def about(self) -> About:
        """Tells what it computes where it is."""
        one = self._compute
        return about_of(one.rows, one.resizing.image_size) if one else about_of(None, (0, 0))

    def step(self, given: Sequence[Given], wanted: Sequence[int], flush: bool) -> Step:
        """See `Worker.step`."""
        with self.working():
            return self._worker.step(given, wanted, flush)


def about_of(run: Callable[[np.ndarray], np.ndarray] | None, image_size: tuple[int, int]) -> About:
    """Tells what `run` makes of the canary pictures here."""
    outputs = None
    if run:
        height, width = image_size
        images = np.random.default_rng(0).integers(0, 256, (CANARY, height, width, 3), dtype=np.uint8)
        images[: CANARY // 2] = images[: CANARY // 2] // 8 + np.linspace(0, 200, width, dtype=np.uint8)[:, None]
        outputs = run(images)
    names = ("kerasvgg", "numpy", "pillow", "simplejpeg", "ncnn", "keras")
    return About(", ".join(f"{name} {_version(name)}" for name in names), instruction_set(), outputs)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
