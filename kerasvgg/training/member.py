"""Which of several processes that train as one this is, and what joins them."""

import json
import os
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np

from kerasvgg.errors import KerasVGGError

Result = TypeVar("Result")
MEMBER = "KERASVGG_MEMBER"  # of the environment: this process's place among all, and how many there are, as 1/2


@dataclass(frozen=True)
class Member:
    """This process's place among those that train as one; the first writes and tells."""

    place: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Tells whether it writes and tells."""
        return self.place == 0

    def share(self, batch: np.ndarray) -> np.ndarray:
        """Returns its part of a batch, which may be empty."""
        shares: np.ndarray = np.array_split(batch, self.count)[self.place]
        return shares

    def before(self, total: int, place: int) -> int:
        """Returns how many pictures of a batch of so many are those of processes before a place."""
        each, more = divmod(total, self.count)
        return place * each + min(place, more)

    def wait(self) -> None:
        """Waits until all have come so far."""
        if self.count > 1:
            _sum([np.zeros(1, np.float32)])

    def wait_for_first(self, work: Callable[[], Result]) -> Result:
        """Returns what the work comes to, which the first process does before all others, for these to find it done."""
        if not self.is_first:
            self.wait()
        done = work()
        if self.is_first:
            self.wait()
        return done

    def require_equal(self, arrays: Sequence[Any]) -> None:
        """Raises KerasVGGError unless all processes have the same arrays."""
        own = np.array([zlib.crc32(np.asarray(one).tobytes()) for one in arrays], np.int64)
        if not np.array_equal(_sum([own])[0], own * self.count):
            raise KerasVGGError(f"the {self.count} processes have come apart: their weights are no longer equal")


@cache
def member() -> Member:
    """Returns this process's place; a process by itself is the only one."""
    said = os.environ.get(MEMBER, "")
    if not said:
        return Member()
    place, count = map(int, said.split("/"))
    return Member(place, count)


def environment(place: int, addresses: Sequence[str]) -> dict[str, str]:
    """Returns what makes a process the one in this place, of those at these addresses (host:port)."""
    task = {"cluster": {"worker": list(addresses)}, "task": {"type": "worker", "index": place}}
    return {MEMBER: f"{place}/{len(addresses)}", "TF_CONFIG": json.dumps(task)}


@cache
def strategy() -> Any:
    """Returns what joins the processes; it must be the first that a process asks of TensorFlow."""
    import tensorflow as tf

    return tf.distribute.MultiWorkerMirroredStrategy()


def join() -> None:
    """Joins the other processes, where there are some, before anything else is asked of TensorFlow."""
    if member().count > 1:
        strategy()


def added(values: Sequence[Any]) -> Any:
    """Returns the sums of all processes' tensors, inside of `strategy().run`."""
    import tensorflow as tf

    placed = [tf.identity(one) for one in values]  # what was only given to the step is on no device yet
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, placed)


def _sum(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Returns the sums of all processes' arrays."""
    import tensorflow as tf

    return [np.asarray(one) for one in _adding()(*map(tf.constant, arrays))]


@cache
def _adding() -> Any:
    import tensorflow as tf

    return tf.function(lambda *values: strategy().run(lambda *own: added(own), args=values), autograph=False)
