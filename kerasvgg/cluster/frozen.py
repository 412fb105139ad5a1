"""The frozen layers of a run, computed by a cluster: batches of pictures go out, rows come back in any order."""

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import numpy as np

from kerasvgg.cluster.features import Layers
from kerasvgg.cluster.ray_workers import RayWorkerHandle, RayWorkerPool, cluster
from kerasvgg.cluster.remote_worker import About, RemoteProcess, about_of
from kerasvgg.data.pictures.loading import BadFiles, Pictures
from kerasvgg.errors import KerasVGGError
from kerasvgg.features.cache_key import threads
from kerasvgg.features.features import Batches, Computed
from kerasvgg.process.threads import compute_in
from kerasvgg.settings import Engine

MOST_DEATHS = 4  # of workers that had a batch, after which the run ends
Batch = tuple[int, ...]
Rows = tuple[np.ndarray, np.ndarray]  # places, and their rows


class RemoteLayers(RemoteProcess):
    """Frozen layers in a process of their own, which take pictures (height, width, 3)."""

    def __init__(self, threads: int, layers: Layers) -> None:
        super().__init__()
        compute_in(threads)
        self._run = layers.open()
        self._shape = layers.image_size
        self._pictures: tuple[int, Any] = (0, None)

    def about(self) -> About:
        """Tells what it computes where it is."""
        return about_of(self._run, self._shape)

    def rows(self, number: int, sent: list[Any], batch: Batch) -> Rows:
        """Returns the rows of the pictures at these places, but for those that can't be read here.

        The pictures are fetched once by their `number`.
        """
        import ray

        with self.working():
            if self._pictures[0] != number:
                self._pictures = number, ray.get(sent[0])
            images, good = BadFiles("skip").load(self._pictures[1], np.array(batch))
            return good, self._run(images) if good.size else np.empty((0, *self._run.shape), np.float32)


class OnCluster:
    """What a FeatureExtractor takes as `elsewhere`: the cluster at the address, joined when there is something to do.

    Use it as a context.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._open = ExitStack()
        self._number = 0
        self._of: tuple[Any, Engine] | None = None
        self._pool: Any = None
        self._idle: list[RayWorkerHandle] = []

    def __enter__(self) -> "OnCluster":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def __call__(
        self, trunk: Any, engine: Engine, pictures: Pictures, batches: Batches, bad_files: BadFiles
    ) -> Computed:
        """Yields the batches' places, each with its row, as they come. Raises BadFileError unless they are skipped."""
        self._begin(trunk, engine)
        import ray

        self._number += 1
        sent = [ray.put(pictures)]
        left, out = _Pending(batches), dict[RayWorkerHandle, Batch]()
        while left.next or out:
            while self._idle and left.next:
                hand = self._idle.pop()
                out[hand] = left.take()
                hand.call("rows", self._number, sent, out[hand])
            hand, came = self._pool.next()
            if isinstance(came, BaseException):
                left.again(out.pop(hand))
                continue
            self._idle.append(hand)
            if came is not None:
                _require_bad(set(out.pop(hand)) - set(came[0].tolist()), pictures, bad_files, hand.name)
                yield came

    def _begin(self, trunk: Any, engine: Engine) -> None:
        if self._pool is None:
            self._open.enter_context(cluster(self._address))
        if self._of is None or self._of[0] is not trunk or self._of[1] != engine:
            self._of, self._idle = (trunk, engine), []
            if self._pool:
                self._pool.close()
            # ncnn's bits do not depend on the number of threads, TensorFlow's are to be those of this process.
            count = 1 if engine == "ncnn" else threads()
            layers = Layers.of(trunk, engine)
            self._pool = RayWorkerPool(RemoteLayers, count, layers, about_of(layers.open(), layers.image_size))


class _Pending:
    """Batches that nobody has in hand."""

    def __init__(self, batches: Batches) -> None:
        self._batches: Iterator[Batch] = (tuple(map(int, batch)) for batch in batches)
        self._again: deque[Batch] = deque()
        self._deaths: dict[Batch, int] = defaultdict(int)
        self.next = next(self._batches, None)

    def take(self) -> Batch:
        """Returns the next one."""
        if self.next is None:
            raise LookupError("nothing is left")
        taken, self.next = self.next, self._again.popleft() if self._again else next(self._batches, None)
        return taken

    def again(self, batch: Batch) -> None:
        """Takes one back whose worker has ended."""
        self._deaths[batch] += 1
        if self._deaths[batch] == MOST_DEATHS:
            raise KerasVGGError(f"{MOST_DEATHS} workers ended while they had the same {len(batch)} pictures")
        if self.next is None:
            self.next = batch
        else:
            self._again.append(batch)


def _require_bad(places: set[int], pictures: Pictures, bad_files: BadFiles, name: str) -> None:
    """Makes sure that what a worker could not read can't be read here either: then it is told or raised as here."""
    if places:
        there = bad_files.load(pictures, np.array(sorted(places)))[1]
        if there.size:
            where = pictures.name(int(there[0]))
            raise KerasVGGError(f"{name} can't read {where}, which is there: every machine must see the pictures")
