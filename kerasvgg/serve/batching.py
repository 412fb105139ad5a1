"""Batches of pictures that come at about the same time: decoded in threads, computed one batch after the other.

A batch is begun as soon as nothing is computed, and no picture that is being decoded could still join it: whoever is
alone waits for nobody.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from kerasvgg.serve.model import Rows


class Row(NamedTuple):
    """Probabilities (classes,) of a picture, and class activation maps (rows, columns, classes) or None."""

    probabilities: np.ndarray
    maps: np.ndarray | None


class Watch(Protocol):
    """Is told of each batch: how many pictures, and the seconds that it took."""

    def batch(self, count: int, seconds: float) -> None:
        """Notes it."""
        ...


@dataclass
class _Asked:
    pixels: np.ndarray
    answer: "asyncio.Future[Row]"
    since: float = field(default_factory=time.monotonic)


class Batcher:
    """Answers one picture at a time, and computes them in batches of at most `most`; `wait` is in seconds."""

    def __init__(self, run: Callable[[np.ndarray], Rows], most: int, wait: float, threads: int, watch: Watch) -> None:
        self._run, self._most, self._wait, self._watch = run, most, wait, watch
        self._waiting: deque[_Asked] = deque()
        self._coming = 0
        self._news = asyncio.Event()
        self._decoding = ThreadPoolExecutor(threads, "decode")
        self._computing = ThreadPoolExecutor(1, "compute")

    @property
    def length(self) -> int:
        """How many pictures wait, to be decoded or to be computed."""
        return self._coming + len(self._waiting)

    async def answer(self, pixels: Callable[[], np.ndarray]) -> Row:
        """Returns the row of the picture that `pixels` decodes; raises what that raises, and what computing does."""
        loop = asyncio.get_running_loop()
        self._coming += 1
        try:
            asked = _Asked(await loop.run_in_executor(self._decoding, pixels), loop.create_future())
            self._waiting.append(asked)
        finally:
            self._coming -= 1
            self._news.set()
        return await asked.answer

    async def work(self) -> None:
        """Computes batches until it is cancelled."""
        while True:
            await self._gather()
            if batch := self._take():
                await self._compute(batch)

    async def _gather(self) -> None:
        """Waits for a picture, and a little for those that are being decoded."""
        while not self._waiting:
            await self._hear(None)
        ends = self._waiting[0].since + self._wait
        while self._coming and len(self._waiting) < self._most and (left := ends - time.monotonic()) > 0:
            await self._hear(left)

    async def _hear(self, seconds: float | None) -> None:
        self._news.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)

    def _take(self) -> list[_Asked]:
        """Returns the next batch, without those that nobody waits for any more."""
        found: list[_Asked] = []
        while self._waiting and len(found) < self._most:
            if not (asked := self._waiting.popleft()).answer.done():
                found.append(asked)
        return found

    async def _compute(self, batch: list[_Asked]) -> None:
        began, loop = time.monotonic(), asyncio.get_running_loop()
        try:
            pixels = np.stack([one.pixels for one in batch])
            rows = await loop.run_in_executor(self._computing, self._run, pixels)
        except Exception as error:  # whatever a runtime raises is the trouble of those who asked, and of nobody else
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(error)
            return
        self._watch.batch(len(batch), time.monotonic() - began)
        for place, one in enumerate(batch):
            if not one.answer.done():
                one.answer.set_result(Row(rows.probabilities[place], None if rows.maps is None else rows.maps[place]))
