"""From files to rows: what reads, hashes, decodes and computes pictures, a batch at a time, wherever it runs."""

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import numpy as np

from kerasvgg.data.pictures.decode import decode, glance
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.data.streams.items import Item
from kerasvgg.data.streams.records import Record, records
from kerasvgg.data.streams.remote import UnreachableError
from kerasvgg.errors import DataError
from kerasvgg.models.forward import BATCH
from kerasvgg.process.threads import in_threads

AHEAD = 2 * BATCH  # pictures that are read and decoded while others are computed
Result = tuple[bytes, bytes]  # a content's SHA-256, and what was made of it


class Compute(Protocol):
    """What is made of pictures, and where it is put."""

    resizing: Resizing
    class_names: tuple[str, ...]

    def rows(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 (n, ...) for pictures, uint8 (n, height, width, 3)."""
        ...

    def __call__(self, contents: Sequence[bytes], images: np.ndarray) -> list[Result]:
        """Takes pictures, uint8 (n, height, width, 3); returns what is in its place now, of these or earlier ones."""
        ...

    def flush(self) -> list[Result]:
        """Puts what is left in its place."""
        ...


class Given(NamedTuple):
    """A file that is handed out, under a number of its own each time."""

    serial: int
    item: Item


class Found(NamedTuple):
    """A picture of a file: its content's SHA-256, or None and the `reason` why it is none."""

    serial: int
    address: str
    label: str
    sha256: bytes | None
    reason: str | None


class End(NamedTuple):
    """All pictures of a file have been found; or not, for a `reason`, which `is_passing` where a store failed."""

    serial: int
    reason: str = ""
    is_passing: bool = False


class Step(NamedTuple):
    """What a step came to: results, and what was found for the next one, in order."""

    results: list[Result]
    found: list[Found | End]


class Worker:
    """Reads the items that it is given, and computes what is wanted of them. Without `compute` it only looks."""

    def __init__(self, compute: Compute | None) -> None:
        self._compute = compute
        self._items: deque[Given] = deque()
        self._images: list[np.ndarray | None] = []
        self._found: list[Found | End] = []
        self._stream: Iterator[tuple[Found | End, np.ndarray | None]] = iter(())

    def step(self, given: Sequence[Given], wanted: Sequence[int], flush: bool = False) -> Step:
        """Computes the pictures at these places of what the last step found, and looks at the next ones.

        More items may be `given` each time. With `flush` nothing is held back.
        """
        self._items.extend(given)
        results = self._computed(wanted)
        if flush and self._compute:
            results += self._compute.flush()
        self._look()
        return Step(results, self._found)

    def _computed(self, wanted: Sequence[int]) -> list[Result]:
        if not self._compute or not wanted:
            return []
        found, images = self._found, self._images
        contents = [one.sha256 for place in wanted if isinstance(one := found[place], Found) and one.sha256]
        return self._compute(contents, np.stack([image for place in wanted if (image := images[place]) is not None]))

    def _look(self) -> None:
        self._found, self._images = [], []
        while len(self._found) < BATCH:
            for found, image in self._stream:
                self._found.append(found)
                self._images.append(image)
                if len(self._found) == BATCH:
                    return
            if not self._items:
                return
            self._stream = in_threads(self._load, self._records(), AHEAD)

    def _records(self) -> Iterator[tuple[int, Record | End]]:
        names = self._compute.class_names if self._compute else ()
        while self._items:
            serial, item = self._items.popleft()
            end = End(serial)
            try:
                for record in records(item, names):
                    yield serial, record
            except UnreachableError as error:
                end = End(serial, str(error), is_passing=True)
            except DataError as error:
                end = End(serial, str(error))
            yield serial, end

    def _load(self, read: tuple[int, Record | End]) -> tuple[Found | End, np.ndarray | None]:
        serial, record = read
        if isinstance(record, End):
            return record, None
        sha256 = None
        try:
            content = record.load()
            sha256 = hashlib.sha256(content.data).digest()
            if self._compute:
                image = decode(content, *self._compute.resizing)
            else:
                image = None
                glance(content)
        except UnreachableError as error:
            return End(serial, str(error), is_passing=True), None
        except DataError as error:
            reason = str(error).removeprefix(f"{record.address}: ")
            return Found(serial, record.address, record.label, None, reason), None
        return Found(serial, record.address, record.label, sha256, None), image


class LocalPool:
    """The worker of this process, as the only hand of a job."""

    name = "here"

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._asked: tuple[Sequence[Given], Sequence[int], bool] | None = None

    def step(self, given: Sequence[Given], wanted: Sequence[int], flush: bool) -> None:
        """Notes what is to be done."""
        self._asked = given, wanted, flush

    def next(self) -> "tuple[LocalPool, Step | None]":
        """Does it."""
        return self, self._worker.step(*self._asked) if self._asked else None
