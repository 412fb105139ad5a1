"""Work done in threads: a bounded way ahead, and with numpy's matrix products in one thread each."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Iterable[Item], ahead: int) -> Iterator[Result]:
    """Yields function(item) for each item, in order; while the caller works, threads work on the next `ahead` items.

    Items are taken in the caller's thread. What the function raises is raised in its turn, and ends the work.
    """
    pool = ThreadPoolExecutor()
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def processors() -> int:
    """Returns how many processors this process may use: `KERASVGG_THREADS`, or all that it is let have."""
    if (said := os.environ.get("KERASVGG_THREADS", "")).isdecimal() and int(said):
        return int(said)
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def share_of_processors(count: int) -> int:
    """Returns how many processors each of so many processes has, at least one."""
    return max(1, processors() // count)


def compute_in(threads: int) -> None:
    """Has this process, which has just begun, compute with so many threads."""
    from threadpoolctl import threadpool_limits

    for name in ("KERASVGG_THREADS", "TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        os.environ[name] = str(threads)
    threadpool_limits(threads)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Has numpy and scipy compute a product in one thread, for work that is small or runs in several threads already.

    Products then do not depend on the number of cores, not even in the last bit.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
