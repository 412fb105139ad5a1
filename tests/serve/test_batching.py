"""Pictures that come at about the same time are computed together, and nobody waits for nothing."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import pytest

from kerasvgg.errors import DataError
from kerasvgg.serve.batching import Batcher
from kerasvgg.serve.model import Rows


class Sizes(list[int]):
    """The sizes of batches."""

    def batch(self, count: int, seconds: float) -> None:
        self.append(count)


def _run(pixels: np.ndarray) -> Rows:
    time.sleep(0.02)
    return Rows(pixels.mean(axis=(1, 2)), None)


def _with_batcher(do: Callable[[Batcher], Coroutine[Any, Any, None]], **how: Any) -> Sizes:
    sizes = Sizes()

    async def go() -> None:
        batcher = Batcher(**{"run": _run, "most": 8, "wait": 0.2, "threads": 2, "watch": sizes, **how})
        working = asyncio.create_task(batcher.work())
        await do(batcher)
        working.cancel()

    asyncio.run(go())
    return sizes


def _picture(value: float, seconds: float = 0.0) -> Callable[[], np.ndarray]:
    def load() -> np.ndarray:
        time.sleep(seconds)
        return np.full((2, 2, 3), value, np.float32)

    return load


def test_each_has_its_own_answer_and_batches_are_full() -> None:
    async def ask(batcher: Batcher) -> None:
        rows = await asyncio.gather(*(batcher.answer(_picture(value)) for value in range(40)))
        assert [row.probabilities.tolist() for row in rows] == [[value] * 3 for value in range(40)]

    sizes = _with_batcher(ask)
    assert sum(sizes) == 40
    assert max(sizes) == 8
    assert len(sizes) <= 8


def test_who_is_alone_waits_for_nobody() -> None:
    async def ask(batcher: Batcher) -> None:
        began = time.monotonic()
        await batcher.answer(_picture(1))
        assert time.monotonic() - began < 0.15

    assert _with_batcher(ask) == [1]


def test_who_decodes_long_keeps_others_waiting_only_so_long() -> None:
    async def ask(batcher: Batcher) -> None:
        slow = asyncio.create_task(batcher.answer(_picture(1, seconds=0.5)))
        began = time.monotonic()
        await batcher.answer(_picture(2))
        assert 0.15 < time.monotonic() - began < 0.4
        await slow

    assert _with_batcher(ask) == [1, 1]


def test_a_picture_that_is_none_is_the_trouble_of_who_sent_it() -> None:
    def none() -> np.ndarray:
        raise DataError("no picture")

    async def ask(batcher: Batcher) -> None:
        found = await asyncio.gather(
            batcher.answer(_picture(1)), batcher.answer(none), batcher.answer(_picture(3)), return_exceptions=True
        )
        assert isinstance(found[1], DataError)
        assert found[2].probabilities[0] == 3
        assert batcher.length == 0

    assert sum(_with_batcher(ask)) == 2


def test_a_batch_that_fails_ends_nothing_else() -> None:
    calls: list[int] = []

    def fails_first(pixels: np.ndarray) -> Rows:
        calls.append(len(pixels))
        if len(calls) == 1:
            raise RuntimeError("a runtime's trouble")
        return _run(pixels)

    async def ask(batcher: Batcher) -> None:
        with pytest.raises(RuntimeError, match="a runtime's trouble"):
            await batcher.answer(_picture(1))
        assert (await batcher.answer(_picture(2))).probabilities[0] == 2

    assert _with_batcher(ask, run=fails_first) == [1]


def test_what_nobody_waits_for_any_more_is_not_computed() -> None:
    async def ask(batcher: Batcher) -> None:
        first = asyncio.create_task(batcher.answer(_picture(0)))
        await asyncio.sleep(0.01)  # it is computed
        given_up = [asyncio.create_task(batcher.answer(_picture(1))) for _ in range(4)]
        await asyncio.sleep(0.005)
        for one in given_up:
            one.cancel()
        await first
        await batcher.answer(_picture(2))

    assert sum(_with_batcher(ask, wait=0.0)) == 2
