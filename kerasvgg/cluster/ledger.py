"""What a job has done, on disk: which pictures are known by which content, and what was made of each content."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kerasvgg.data.streams.items import Item
from kerasvgg.data.streams.records import MEMBER, holds_many
from kerasvgg.errors import ConfigError, DataError, WriteError

FILE = "ledger.sqlite"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS about (json TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS pictures "
    "(address BLOB PRIMARY KEY, stamp TEXT, label BLOB, sha256 BLOB, reason BLOB) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS results (sha256 BLOB PRIMARY KEY, payload BLOB) WITHOUT ROWID",
)


class Seen(NamedTuple):
    """A picture that was read: its content's SHA-256 (32 bytes), or None and the `reason` why it is none.

    `stamp` is that of its file, "" for one of many in a file. A file of many has a row of its own when all of its
    pictures are in: with neither hash nor reason.
    """

    address: str
    stamp: str
    label: str
    sha256: bytes | None
    reason: str | None


class Ledger:
    """One SQLite file in the job's folder; what is in it is done, and stays so whatever happens to those who write.

    `about` says what the job is: a folder of another job is refused with ConfigError, DataError tells a damaged file.
    One process writes it at a time.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / FILE
        try:
            # Its own thread alone uses it.
            self._connection = sqlite3.connect(self.path, timeout=5)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")  # a crash of the machine may cost the last seconds
            with self._connection:
                for statement in SCHEMA:
                    self._connection.execute(statement)
                self._require_same(about)
        except sqlite3.DatabaseError as error:
            raise DataError(f"`{self.path}` must be the ledger of a job; opening it failed: {error}") from error

    def unknown(self, items: Sequence[Item]) -> list[Item]:
        """Returns those of the files that are not done, or have changed since, in content or in class."""
        asked = "SELECT 1 FROM pictures WHERE address = ? AND stamp = ? AND label = ?"
        return [
            one
            for one in items
            if not one.stamp
            or not self._one(asked, _kept(one.address), one.stamp, _kept("" if holds_many(one) else one.label))
        ]

    def has(self, content: bytes) -> bool:
        """Tells whether something was made of a content."""
        return self._one("SELECT 1 FROM results WHERE sha256 = ?", content)

    def write(self, results: Iterable[tuple[bytes, bytes]], pictures: Iterable[Seen]) -> None:
        """Adds what was made of contents, and pictures of which everything is there, in one transaction.

        Raises WriteError where that is not possible; what was there before stays.
        """
        rows = (
            (_kept(one.address), one.stamp, _kept(one.label), one.sha256, _kept(one.reason) if one.reason else None)
            for one in pictures
        )
        with self._writing() as connection:
            connection.executemany("INSERT OR IGNORE INTO results VALUES (?, ?)", results)
            connection.executemany("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?, ?)", rows)

    def forget(self, item: Item) -> None:
        """Forgets a file of many and its pictures, which may have changed; what was made of their contents stays."""
        after = f"{MEMBER[:-1]}{chr(ord(MEMBER[-1]) + 1)}"
        inside = _kept(f"{item.address}{MEMBER}"), _kept(f"{item.address}{after}")
        with self._writing() as connection:
            connection.execute("DELETE FROM pictures WHERE address = ?", (_kept(item.address),))
            connection.execute("DELETE FROM pictures WHERE address >= ? AND address < ?", inside)

    def rows(self) -> Iterator[tuple[Seen, bytes | None]]:
        """Yields the pictures in the order of their addresses, with what was made of each, None for a bad one."""
        asked = (
            "SELECT address, stamp, label, pictures.sha256, reason, payload FROM pictures "
            "LEFT JOIN results ON pictures.sha256 = results.sha256 "
            "WHERE pictures.sha256 IS NOT NULL OR reason IS NOT NULL ORDER BY address"
        )
        for *seen, payload in self._connection.execute(asked):
            yield _seen(seen), payload

    def copies(self) -> Iterator[Seen]:
        """Yields the pictures whose content others have too, those of a content in a row."""
        asked = (
            "SELECT address, stamp, label, sha256, reason FROM pictures WHERE sha256 IN "
            "(SELECT sha256 FROM pictures WHERE sha256 IS NOT NULL GROUP BY sha256 HAVING count(*) > 1) "
            "ORDER BY sha256, address"
        )
        yield from map(_seen, self._connection.execute(asked))

    def counts(self) -> dict[str, int]:
        """Returns how many `pictures` are known, how many `contents` they have, and how many are `bad`."""
        pictures = "SELECT count(*) FROM pictures WHERE sha256 IS NOT NULL"
        bad = "SELECT count(*) FROM pictures WHERE reason IS NOT NULL"
        contents = "SELECT count(DISTINCT sha256) FROM pictures"
        found = (self._connection.execute(one).fetchone()[0] for one in (pictures, contents, bad))
        return dict(zip(("pictures", "contents", "bad"), found, strict=True))

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._connection:
                yield self._connection
        except sqlite3.Error as error:
            raise WriteError(f"`{self.path}` can't be written: {error}; what was written before stays good") from error

    def _one(self, asked: str, *values: object) -> bool:
        return self._connection.execute(asked, values).fetchone() is not None

    def _require_same(self, about: Mapping[str, Any]) -> None:
        row = self._connection.execute("SELECT json FROM about").fetchone()
        if row is None:
            self._connection.execute("INSERT INTO about VALUES (?)", (json.dumps(about),))
            return
        before, about = json.loads(row[0]), json.loads(json.dumps(about))
        differing = [key for key in {**before, **about} if before.get(key) != about.get(key)]
        changed = [f"{key} was {before.get(key)!r} and is now {about.get(key)!r}" for key in differing]
        if changed:
            raise ConfigError(f"`{self.path.parent}` holds another job's work: {'; '.join(changed)}")


def _kept(text: str) -> bytes:
    """Returns a text as bytes, because names of files and what strangers write may be no Unicode."""
    return text.encode("utf-8", "surrogatepass")


def _seen(row: Sequence[Any]) -> Seen:
    address, stamp, label, sha256, reason = row
    told = None if reason is None else reason.decode("utf-8", "surrogatepass")
    return Seen(address.decode("utf-8", "surrogatepass"), stamp, label.decode("utf-8", "surrogatepass"), sha256, told)
