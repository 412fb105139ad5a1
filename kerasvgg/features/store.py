"""Rows of features by picture, in one SQLite file that survives whatever happens to those who write it."""

import json
import shutil
import sqlite3
import threading
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.files.lock import locked
from kerasvgg.process.progress import warn

PAGE_BYTES = 16384  # of those SQLite allows, rows of 2 to 200 KB were written fastest with this
SECONDS_TO_WAIT = 60  # for other processes that write at the moment
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS about (json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS features (picture TEXT PRIMARY KEY, crc32 INTEGER NOT NULL, row BLOB NOT NULL)",
)


class DamagedError(DataError):
    """The file is no database, or none of features."""


class Store:
    """A file of rows, each with its checksum; any number of processes may read and write it at once.

    `about` says what the rows are: `shape`, `dtype` (float32 or float16) and whatever else helps a reader. A file that
    is no longer a database is set aside under another name. Raises DataError for one that can't be written.
    """

    def __init__(self, path: Path, about: dict[str, Any]) -> None:
        self.path, self.about = path, about
        self.shape, self.dtype = tuple(about["shape"]), np.dtype(about["dtype"]).newbyteorder("<")
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = self._connect()
        except sqlite3.DatabaseError as error:
            self._set_aside(error)

    @classmethod
    def open(cls, path: Path) -> "Store":
        """Opens a file that is there. Raises DamagedError for one that is none of ours, DataError for a busy one."""
        try:
            with closing(sqlite3.connect(path, timeout=SECONDS_TO_WAIT)) as connection:
                about = json.loads(connection.execute("SELECT json FROM about").fetchone()[0])
            return cls(path, about)
        except (sqlite3.DatabaseError, TypeError, ValueError, KeyError) as error:
            if isinstance(error, sqlite3.OperationalError) and "no such table" not in str(error):
                raise DataError(f"`{path}`: {error}") from error
            raise DamagedError(f"`{path}` must be a file of features, received one that can't be read") from error

    def __len__(self) -> int:
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM features").fetchone()[0])

    def read(self, pictures: Sequence[str]) -> list[np.ndarray | None]:
        """Returns the pictures' rows, None for what is absent or fails its checksum."""
        with self._lock:
            try:
                return [self._row(picture) for picture in pictures]
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
                return [None] * len(pictures)

    def missing(self, pictures: Sequence[str]) -> list[str]:
        """Returns those of the pictures, each once, that have no row."""
        with self._lock:
            try:
                return [picture for picture in dict.fromkeys(pictures) if not self._has(picture)]
            except sqlite3.DatabaseError as error:
                self._set_aside(error)
        return self.missing(pictures)

    def write(self, pictures: Sequence[str], rows: np.ndarray) -> None:
        """Adds the rows in one transaction. Raises DataError when the disk has no room; what was there stays."""
        blobs = [row.astype(self.dtype).tobytes() for row in rows]
        values = [(picture, _checksum(picture, blob), blob) for picture, blob in zip(pictures, blobs, strict=True)]
        try:
            with self._lock, self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO features VALUES (?, ?, ?)", values)
        except sqlite3.DatabaseError as error:
            needed = sum(map(len, blobs))
            raise DataError(
                f"`{self.path}`: {error}; {needed:,} bytes more were to be written, what is there stays good"
            ) from error

    def require_room(self, rows: int) -> None:
        """Raises DataError if the disk has no room for so many rows more."""
        needed = rows * int(np.prod(self.shape)) * self.dtype.itemsize
        free = shutil.disk_usage(self.path.parent).free
        if needed > free:
            raise DataError(
                f"`{self.path.parent}` must have room for {needed / 1e9:.1f} GB of features, received {free / 1e9:.1f} "
                "GB: `feature_dtype: float16` needs half, and KERASVGG_CACHE names another place"
            )

    def damaged(self) -> Iterator[str]:
        """Yields what is wrong: SQLite's own findings, and the pictures whose rows fail their checksums."""
        try:
            findings = self._connection.execute("PRAGMA integrity_check").fetchall()
            yield from (text for (text,) in findings if text != "ok")
            names = self._connection.execute("SELECT picture FROM features").fetchall()
            yield from (f"checksum of {name}" for (name,) in names if self._row(name) is None)
        except sqlite3.DatabaseError as error:
            yield str(error)

    def clear(self) -> None:
        """Removes all rows and gives the room back; the file stays, because other processes may have it open."""
        try:
            with self._lock:
                self._connection.execute("DELETE FROM features")
                self._connection.commit()
                self._connection.execute("VACUUM")
        except sqlite3.DatabaseError as error:
            raise DataError(f"`{self.path}` can't be cleared: {error}") from error

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    def _has(self, picture: str) -> bool:
        return bool(self._connection.execute("SELECT 1 FROM features WHERE picture = ?", (picture,)).fetchone())

    def _row(self, picture: str) -> np.ndarray | None:
        found = self._connection.execute("SELECT crc32, row FROM features WHERE picture = ?", (picture,)).fetchone()
        if found is None or not isinstance(found[1], bytes) or _checksum(picture, found[1]) != found[0]:
            return None
        return np.frombuffer(found[1], dtype=self.dtype).reshape(self.shape)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=SECONDS_TO_WAIT, check_same_thread=False)
        self._inode = self.path.stat().st_ino
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA journal_mode = TRUNCATE")
            connection.execute("BEGIN IMMEDIATE")
            for statement in SCHEMA:
                connection.execute(statement)
            about = json.dumps(self.about)
            connection.execute("INSERT INTO about SELECT ? WHERE NOT EXISTS (SELECT * FROM about)", (about,))
            connection.commit()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        # Busy, not to be written, or closed while a thread still reads: the file itself is good.
        if isinstance(error, sqlite3.OperationalError | sqlite3.ProgrammingError):
            raise DataError(f"`{self.path}`: {error}") from error
        with suppress(AttributeError):  # the first connection may be what failed
            self._connection.close()
        try:
            with locked(self.path.with_suffix(".lock")):
                if self._is_the_one_opened():  # another process may have set it aside already
                    aside = self.path.with_suffix(f".{uuid.uuid4().hex[:8]}.damaged")
                    warn(f"features: {self.path} is damaged ({error}); set aside as {aside.name}, to be computed again")
                    self.path.replace(aside)
                    self.path.with_name(f"{self.path.name}-journal").unlink(missing_ok=True)
                self._connection = self._connect()
        except (OSError, sqlite3.Error) as failed:
            raise DataError(f"`{self.path}` is damaged ({error}) and can't be set aside: {failed}") from failed

    def _is_the_one_opened(self) -> bool:
        return self.path.exists() and self.path.stat().st_ino == self._inode


def _checksum(picture: str, blob: bytes) -> int:
    # The name is in it, so that a row can't pass for another picture's when the index is damaged.
    return zlib.crc32(blob, zlib.crc32(picture.encode()))
