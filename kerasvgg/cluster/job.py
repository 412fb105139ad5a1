"""A job hands files out to workers and takes in what they find, so that each content is computed once, none is lost."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from kerasvgg.cluster.ledger import Ledger, Seen
from kerasvgg.cluster.worker import End, Found, Given, Result, Step
from kerasvgg.data.streams.items import Item
from kerasvgg.data.streams.records import holds_many

CHUNK = 128  # files that are handed out at a time, so that a worker need not wait for the next ones
MOST_DEATHS = 4  # of workers that had a file, after which it is taken for the reason
SECONDS, ROWS = 1.0, 5_000  # after which rows are written: the death of this process costs no more


class WorkerHandle(Protocol):
    """A worker, wherever it is; `name` is that of its machine."""

    name: str

    def step(self, given: Sequence[Given], wanted: Sequence[int], flush: bool) -> None:
        """Begins a step (see `Worker.step`)."""
        ...


Event = tuple[WorkerHandle, Step | BaseException | None]


class WorkerPool(Protocol):
    """All workers that there are at the moment."""

    def next(self) -> Event:
        """Waits for a worker that has come (None), that has done its step, or that is gone, with the error.

        Raises KerasVGGError where none is left and none will come.
        """
        ...


@dataclass(eq=False)
class _Open:
    """A file that a worker has in hand, with so many pictures whose contents are still computed."""

    item: Item
    hand: WorkerHandle
    waiting: int = 0
    is_read: bool = False
    is_bad: bool = False


@dataclass
class _Busy:
    """How many files a worker has still to read, how many contents to compute, and where they are in what it found."""

    unread: int = 0
    claims: int = 0
    wanted: list[int] = field(default_factory=list)
    is_tried: bool = False  # with a file alone

    @property
    def is_free(self) -> bool:
        """Tells whether it has nothing in hand."""
        return not (self.unread or self.claims or self.wanted)


class Job:
    """One pass over the items of a source, which calls `told` after each event, to show how it goes.

    With `rehash` files that the ledger knows are read again.
    """

    def __init__(
        self, ledger: Ledger, items: Iterator[Item], told: Callable[["Job"], None], *, computes: bool, rehash: bool
    ) -> None:
        self.known = self.files = self.looked = self.computed = self.bad = 0
        self.failed: dict[str, str] = {}  # files that could not be read this time, with the reasons
        self.by_machine: dict[str, int] = {}  # pictures that were looked at
        self._ledger, self._told, self._computes = ledger, told, computes
        self._fresh = items if rehash else self._unknown(items)
        self._again, self._suspects = deque[Item](), deque[Item]()
        self._deaths: dict[str, int] = {}
        self._serial = 0
        self._open: dict[int, _Open] = {}
        self._busy: dict[WorkerHandle, _Busy] = defaultdict(_Busy)
        self._resting: list[WorkerHandle] = []
        self._waiting: dict[bytes, tuple[WorkerHandle, list[tuple[int, Seen]]]] = {}  # who computes it, who waits
        self._results: dict[bytes, bytes] = {}
        self._rows: list[Seen] = []
        self._written = time.monotonic()

    def run(self, pool: WorkerPool) -> None:
        """Works until all is done but what is in `failed`. Raises KerasVGGError where no worker is left."""
        try:
            while self._again or self._suspects or self._open or self._pull():
                self._resting = [one for one in self._resting if not self._begin(one)]
                hand, came = pool.next()
                self._resting += self._taken(hand, came)
                self._write()
                self._told(self)
        finally:  # whatever ends it: what is in is not done again
            self._write(at_once=True)

    def _pull(self) -> bool:
        """Has the next item ready, if there is one."""
        self._again.extend(islice(self._fresh, 1))
        return bool(self._again)

    def _taken(self, hand: WorkerHandle, came: Step | BaseException | None) -> list[WorkerHandle]:
        """Takes in what came of a worker, and returns it, if it is still there."""
        if isinstance(came, BaseException):
            self._lose(hand)
            return []
        if came:
            self._take(hand, came)
        return [hand]

    def _unknown(self, items: Iterator[Item]) -> Iterator[Item]:
        while chunk := list(islice(items, CHUNK)):
            unknown = self._ledger.unknown(chunk)
            self.known += len(chunk) - len(unknown)
            yield from unknown

    def _begin(self, hand: WorkerHandle) -> bool:
        """Begins a step, if there is something to do."""
        busy = self._busy[hand]
        given = [self._opened(hand, item) for item in self._next_items(busy)]
        wanted, busy.wanted = busy.wanted, []
        flush = not given and not busy.unread
        if flush and not wanted and not busy.claims:
            return False
        hand.step(given, wanted, flush)
        return True

    def _next_items(self, busy: _Busy) -> list[Item]:
        """Returns the next ones: alone, and to a worker that has nothing else, what may have ended two."""
        if busy.is_free:
            busy.is_tried = bool(self._suspects)
            if self._suspects:
                return [self._suspects.popleft()]
        if busy.is_tried or self._suspects or busy.unread > CHUNK:
            return []
        again = [self._again.popleft() for _ in range(min(CHUNK, len(self._again)))]
        return again + list(islice(self._fresh, CHUNK - len(again)))

    def _opened(self, hand: WorkerHandle, item: Item) -> Given:
        self._serial += 1
        self._open[self._serial] = _Open(item, hand)
        self._busy[hand].unread += 1
        if holds_many(item):
            self._ledger.forget(item)
        return Given(self._serial, item)

    def _take(self, hand: WorkerHandle, step: Step) -> None:
        for result in step.results:
            self._take_result(result)
        for place, found in enumerate(step.found):
            if found.serial not in self._open:  # given up meanwhile
                continue
            if isinstance(found, End):
                self._take_end(found)
            elif self._take_found(hand, found):
                self._busy[hand].wanted.append(place)

    def _take_result(self, result: Result) -> None:
        content, payload = result
        hand, rows = self._waiting.pop(content, (None, []))
        if hand:
            self._busy[hand].claims -= 1
        self._results[content] = payload
        self.computed += 1
        for serial, seen in rows:
            if opened := self._open.get(serial):
                self._rows.append(seen)
                opened.waiting -= 1
                self._close(serial)

    def _take_found(self, hand: WorkerHandle, found: Found) -> bool:
        """Notes what was found, and returns whether it is to be computed."""
        opened, content = self._open[found.serial], found.sha256
        self.looked += 1
        self.by_machine[hand.name] = self.by_machine.get(hand.name, 0) + 1
        stamp = opened.item.stamp if found.address == opened.item.address else ""
        seen = Seen(found.address, stamp, found.label, content, found.reason)
        if content is None:
            self.bad += 1
        if content is None or not self._computes or content in self._results or self._ledger.has(content):
            self._rows.append(seen)
            return False
        is_new = content not in self._waiting
        if is_new:
            self._waiting[content] = hand, []
            self._busy[hand].claims += 1
        self._waiting[content][1].append((found.serial, seen))
        opened.waiting += 1
        return is_new

    def _take_end(self, end: End) -> None:
        opened = self._open[end.serial]
        opened.is_read = True
        self._busy[opened.hand].unread -= 1
        if end.is_passing:
            self.failed[opened.item.address] = end.reason
            del self._open[end.serial]
            return
        if end.reason:
            self.bad += 1
            opened.is_bad = True
            self._rows.append(Seen(opened.item.address, opened.item.stamp, "", None, end.reason))
        self._close(end.serial)

    def _close(self, serial: int) -> None:
        """Lets go of a file whose pictures are all done; one of many gets a row of its own."""
        opened = self._open[serial]
        if opened.is_read and not opened.waiting:
            del self._open[serial]
            self.files += 1
            if holds_many(opened.item) and not opened.is_bad:
                self._rows.append(Seen(opened.item.address, opened.item.stamp, "", None, None))

    def _lose(self, hand: WorkerHandle) -> None:
        """Hands out again what a worker had when it ended, and what waits for contents that it was to compute."""
        lost = {serial for serial, opened in self._open.items() if opened.hand is hand}
        for content in [content for content, (by, _) in self._waiting.items() if by is hand]:
            lost |= {serial for serial, _ in self._waiting.pop(content)[1]}
        for serial in lost & self._open.keys():
            opened = self._open.pop(serial)
            self._busy[opened.hand].unread -= not opened.is_read
            item = opened.item
            self._deaths[item.address] = deaths = self._deaths.get(item.address, 0) + 1
            if deaths < MOST_DEATHS:
                (self._suspects if deaths > 1 else self._again).append(item)
            else:
                self.bad += 1
                reason = f"{deaths} workers ended while they had it"
                self._rows.append(Seen(item.address, item.stamp, item.label, None, reason))
        self._busy.pop(hand, None)

    def _write(self, *, at_once: bool = False) -> None:
        if at_once or len(self._rows) > ROWS or time.monotonic() - self._written > SECONDS:
            self._ledger.write(self._results.items(), self._rows)
            self._results.clear()
            self._rows.clear()
            self._written = time.monotonic()
