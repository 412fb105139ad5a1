"""Features of any number of pictures, trained on from the Parquet files that `kerasvgg features` has filled."""

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.memory import KEEP_BYTES
from kerasvgg.errors import DataError
from kerasvgg.features.shards import CONTENT, FEATURES, PREFIX, require_arrow
from kerasvgg.process.progress import track

IN_MEMORY = KEEP_BYTES // 4  # of rows that are read from the disk only once
WINDOW = KEEP_BYTES // 32  # of rows that are in memory at a time otherwise, and shuffled among each other
FEWEST = 4  # row groups in memory
OPEN = 64  # files at a time


class Rows(NamedTuple):
    """Where rows are: `groups` are numbers of row groups, in their order, `places` those in a group.

    `contents` are the first 8 bytes of the SHA-256 as uint64, by which contents are told apart, `labels` targets.
    """

    groups: np.ndarray
    places: np.ndarray
    contents: np.ndarray
    labels: np.ndarray

    def where(self, mask: np.ndarray) -> "Rows":
        """Returns some of them."""
        return Rows(*(values[mask] for values in self))


class Shards:
    """The files of a folder, whose rows are all of one kind: `about` says which (see `ShardWriter`).

    Raises DataError where there is none, or where they differ.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.paths = folder, sorted(folder.glob(f"{PREFIX}*.parquet"))
        if not self.paths:
            raise DataError(f"`{folder}` must hold files {PREFIX}*.parquet, which `kerasvgg features` writes")
        self._opened = lru_cache(OPEN)(_opened)
        self.groups: list[tuple[int, int]] = []  # number of a file, and that of a row group in it
        self.sizes: list[int] = []
        self.about = self._about(self.paths[0])
        self.shape, self.dtype = tuple(self.about["shape"]), np.dtype(self.about["dtype"])

    def contents(self) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Yields of each file the number of its first row group, the sizes of its groups, and its contents."""
        for number, path in enumerate(track(iter(self.paths), "files of features", len(self.paths))):
            if (about := self._about(path))["features"] != self.about["features"]:
                raise DataError(f"`{path}` must have the features that {self.paths[0].name} has; received {about}")
            file, first = self._opened(path), len(self.sizes)
            for group in range(file.num_row_groups):
                self.groups.append((number, group))
                self.sizes.append(file.metadata.row_group(group).num_rows)
            yield first, np.array(self.sizes[first:]), prefixes(self._contents_of(path))

    def read(self, group: int) -> np.ndarray:
        """Returns the rows of a row group. Raises DataError for a damaged one."""
        flat = self.column(group, FEATURES).flatten().to_numpy(zero_copy_only=False)
        rows: np.ndarray = flat.reshape(self.sizes[group], *self.shape)
        return rows

    def _contents_of(self, path: Path) -> list[bytes]:
        with _readable(path):
            column = self._opened(path).read([CONTENT]).column(CONTENT)
            contents: list[bytes] = column.to_pylist()
        return contents

    def column(self, group: int, name: str) -> Any:
        """Returns a column of a row group, as Arrow has it. Raises DataError for a damaged one."""
        number, inside = self.groups[group]
        path = self.paths[number]
        with _readable(path):
            return self._opened(path).read_row_group(inside, columns=[name]).column(name).combine_chunks()

    def _about(self, path: Path) -> dict[str, Any]:
        with _readable(path):
            about: dict[str, Any] = json.loads((self._opened(path).schema_arrow.metadata or {})[b"kerasvgg"])
        return about


class FeatureTable:
    """Rows of shards as a training takes pictures; what does not fit into memory is read group by group.

    They are then shuffled among each other as far as they are in memory together: groups are taken in random order, so
    many at a time as fit, and the rows of these in random order. `names` are what a person knows the pictures by, where
    that is known; `originals` are the first pictures themselves, where they are here.
    """

    def __init__(
        self, shards: Shards, rows: Rows, names: Sequence[str] = (), originals: Pictures | None = None
    ) -> None:
        self.originals = originals
        self.labels, self.shape, self.dtype, self.shards = rows.labels, shards.shape, shards.dtype, shards
        self.fingerprint = _fingerprint(rows)  # what tells these contents and labels, in this order, from others
        self._groups, self._places = rows.groups, rows.places
        self._names, self._lock = names, threading.Lock()
        size, largest = int(np.prod(self.shape)) * self.dtype.itemsize, max(shards.sizes)
        self._fits = len(rows.labels) * size <= IN_MEMORY
        self._slots, self._largest = max(FEWEST, 2 * WINDOW // (size * largest)), largest
        self._slot_of = np.full(len(shards.sizes), -1)
        self._held: list[int] = []  # row groups by their slots
        self._next = 0

    def __len__(self) -> int:
        return len(self.labels)

    def name(self, i: int) -> str:
        """Returns the picture's address or, where that is not known, the SHA-256 of its content."""
        if self._names:
            return self._names[i]
        content: bytes = self.shards.column(int(self._groups[i]), CONTENT)[int(self._places[i])].as_py()
        return content.hex()

    @property
    def keys(self) -> tuple[str, ...]:
        """The SHA-256 of all contents, read from the files."""
        found: list[str] = []
        for group in np.unique(self._groups):
            column = self.shards.column(int(group), CONTENT)
            found += [column[int(place)].as_py().hex() for place in self._places[self._groups == group]]
        return tuple(found)

    def load(self, indices: np.ndarray) -> np.ndarray:
        """Returns the asked rows, (n, ...). Raises DataError for a damaged file."""
        with self._lock:
            if self._fits:
                rows: np.ndarray = self._all[indices]
                return rows
            return self._gathered(indices)

    def shuffled(self, draw: np.random.Generator) -> np.ndarray:
        """Returns an order of all rows that reads each row group once, where they are not all in memory."""
        if self._fits:
            return draw.permutation(len(self))
        starts = np.flatnonzero(np.diff(self._groups, prepend=-1))
        ends = np.append(starts[1:], len(self))
        groups = draw.permutation(len(starts))
        order = []
        for first in range(0, len(groups), self._slots // 2):
            some = groups[first : first + self._slots // 2]
            order.append(draw.permutation(np.concatenate([np.arange(starts[i], ends[i]) for i in some])))
        return np.concatenate(order)

    @cached_property
    def _all(self) -> np.ndarray:
        rows = np.empty((len(self), *self.shape), self.dtype)
        step = self._slots // 2 * self._largest
        for start in range(0, len(self), step):
            rows[start : start + step] = self._gathered(np.arange(start, min(start + step, len(self))))
        del self._room
        return rows

    @cached_property
    def _room(self) -> np.ndarray:
        return np.empty((self._slots * self._largest, *self.shape), self.dtype)

    def _gathered(self, indices: np.ndarray) -> np.ndarray:
        groups = self._groups[indices]
        wanted = np.unique(groups)
        if len(wanted) > self._slots:
            halves = np.array_split(np.argsort(groups, kind="stable"), 2)
            rows = np.empty((len(indices), *self.shape), self.dtype)
            for half in halves:
                rows[half] = self._gathered(indices[half])
            return rows
        for group in wanted[self._slot_of[wanted] < 0]:
            self._hold(int(group), wanted)
        asked: np.ndarray = self._room[self._slot_of[groups] * self._largest + self._places[indices]]
        return asked

    def _hold(self, group: int, wanted: np.ndarray) -> None:
        """Reads a group into the place of one that has been there for longest and is not wanted now."""
        if len(self._held) < self._slots:
            slot = len(self._held)
            self._held.append(group)
        else:
            while self._held[self._next] in wanted:
                self._next = (self._next + 1) % self._slots
            slot = self._next
            self._next = (self._next + 1) % self._slots
            self._slot_of[self._held[slot]] = -1
            self._held[slot] = group
        start = slot * self._largest
        rows = self.shards.read(group)
        self._room[start : start + len(rows)] = rows
        self._slot_of[group] = slot


def _fingerprint(rows: Rows) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(rows.contents, "<u8").data)
    digest.update(np.ascontiguousarray(rows.labels, "<i4").data)
    return digest.hexdigest()[:16]


def prefixes(contents: Sequence[bytes]) -> np.ndarray:
    """Returns the first 8 bytes of SHA-256 as numbers (n,)."""
    whole = np.frombuffer(b"".join(contents), np.uint8).reshape(len(contents), 32)
    return np.ascontiguousarray(whole[:, :8]).view(">u8")[:, 0].astype(np.uint64)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Raises DataError for what Arrow can't read in the block."""
    try:
        yield
    except (OSError, ValueError, KeyError) as error:
        raise DataError(f"`{path}` is damaged, or no file of features: {error}") from error


def _opened(path: Path) -> Any:
    require_arrow()
    from pyarrow.parquet import ParquetFile

    return ParquetFile(path, page_checksum_verification=True, memory_map=False)
