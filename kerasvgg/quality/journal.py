"""The journal of a folder whose files are moved: what was meant, synced before it is done, and what is in force.

A file is linked to its new name before the old one goes, so that there is no moment without it. Whether what a line
says was done is seen by the files themselves; what was taken back, or could not be done, has a line that says so.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from kerasvgg.errors import DataError
from kerasvgg.files.atomic import sync_folder
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.lock import locked
from kerasvgg.files.reading import read_small
from kerasvgg.files.text import escape
from kerasvgg.quality.decisions import Move

JOURNAL = "journal.jsonl"
LARGEST = 1_000_000_000  # bytes of a journal


class Entry(NamedTuple):
    """A move of the journal by its number: a file's content and both of its names.

    The first is from the checked folder, the second too, or from the one beside it.
    """

    number: int
    path: str
    to: str
    aside: bool
    sha256: str


def aside_folder(root: Path) -> Path:
    """Returns where files of a folder are put aside, and where its journal lies: beside it, links followed."""
    real = Path(os.path.realpath(root))
    return real.with_name(f"{real.name}-aside")


class Journal:
    """The journal of a folder and the files that it tells of."""

    def __init__(self, root: Path) -> None:
        self._root, self._aside = Path(os.path.realpath(root)), aside_folder(root)
        self._file = self._aside / JOURNAL
        self._lines = 0

    def in_force(self) -> list[Entry]:
        """Returns the moves that were not taken back, in their order. Raises DataError for a damaged journal.

        The last line may have been cut by a crash, and then nothing was moved for it.
        """
        if not self._file.exists():
            return []
        lines = read_small(self._file, LARGEST).split("\n")[:-1]
        found: dict[int, Entry] = {}
        for number, line in enumerate(lines):
            try:
                said = json.loads(line)
                if "undone" in said:
                    found.pop(int(said["undone"]), None)
                else:
                    found[number] = _entry(number, said)
            except (ValueError, TypeError, KeyError) as error:
                raise DataError(f"{self._file}:{number + 1}: is damaged: {str(error)[:200]}") from error
        self._lines = len(lines)
        return list(found.values())

    def cut(self) -> None:
        """Takes away what a crash has left of a line; only to be called by who holds the lock."""
        if self._file.exists() and (rest := self._file.read_bytes().rpartition(b"\n")[2]):
            with self._file.open("r+b") as file:
                file.truncate(file.seek(0, os.SEEK_END) - len(rest))

    def plan(self, move: Move) -> Entry | None:
        """Returns an entry with a name that is free, written down and synced; None for a file that is gone."""
        path = self._root / move.path
        if not os.path.lexists(path):
            return None
        to = next(name for name in _names(move.to) if not os.path.lexists(self._place(name, move.aside)))
        entry = Entry(self._lines, move.path, to, move.aside, _content(path))
        self._write({name: value for name, value in entry._asdict().items() if name != "number"})
        return entry

    def _write(self, said: Mapping[str, Any]) -> None:
        is_new = not self._file.exists()
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(said) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._lines += 1
        if is_new:
            sync_folder(self._aside)

    def carry_out(self, entry: Entry) -> str:
        """Does what an entry says; returns why it can't be, and then notes that it is not in force, or ""."""
        path, to = self._root / entry.path, self._place(entry.to, entry.aside)
        try:
            _carry(path, to)
        except OSError as error:
            if os.path.lexists(path) and not os.path.lexists(to):
                self._write({"undone": entry.number})
            return f"{escape(path)}: {error.strerror or error}"
        return ""

    def finish(self, entry: Entry) -> None:
        """Does what an entry says if it was interrupted, and if it is still that file which has the old name."""
        path, to = self._root / entry.path, self._place(entry.to, entry.aside)
        is_half = os.path.lexists(path) and os.path.lexists(to) and _are_one(path, to)
        if is_half or (os.path.lexists(path) and not os.path.lexists(to) and _content(path) == entry.sha256):
            _carry(path, to)

    def put_back(self, entry: Entry) -> str:
        """Undoes what an entry says, unless that is done, and notes it; returns why it can't be, or ""."""
        now, before = self._place(entry.to, entry.aside), self._root / entry.path
        try:
            if why := _why_not_back(now, before, entry):
                return why
            _carry(now, before)
        except OSError as error:
            return f"{escape(now)}: {error.strerror or error}"
        self._write({"undone": entry.number})
        return ""

    def remove(self) -> None:
        """Removes the journal, and the folders beside it that are empty now."""
        self._file.unlink()
        for folder, _, _ in os.walk(self._aside, topdown=False):
            with suppress(OSError):  # something is in it
                Path(folder).rmdir()

    def _place(self, name: str, aside: bool) -> Path:
        return (self._aside / "files" if aside else self._root) / name


@contextmanager
def journal_of(root: Path) -> Iterator[Journal]:
    """Yields the folder's journal and keeps other processes from it; what is empty at the end is removed."""
    folder = aside_folder(root)
    with locked(folder.with_name(f".{folder.name}.lock")):
        folder.mkdir(exist_ok=True)
        try:
            journal = Journal(root)
            journal.cut()
            yield journal
        finally:
            with suppress(OSError):
                folder.rmdir()


def _entry(number: int, said: Mapping[str, object]) -> Entry:
    entry = Entry(number, str(said["path"]), str(said["to"]), said["aside"] is True, str(said["sha256"]))
    for name in (entry.path, entry.to):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"{name!r} lies outside of the folder")
    return entry


def _why_not_back(now: Path, before: Path, entry: Entry) -> str:
    if not os.path.lexists(now):
        is_back = os.path.lexists(before) and _content(before) == entry.sha256
        return "" if is_back else f"{escape(now)} is gone, which was {escape(before)}"
    if _content(now) != entry.sha256:
        return f"{escape(now)} has changed since it was moved from {escape(before)}"
    if os.path.lexists(before) and not _are_one(now, before):
        return f"{escape(before)} is there again, so that {escape(now)} stays"
    return ""


def _names(to: str) -> Iterator[str]:
    yield to
    path = PurePosixPath(to)
    yield from (str(path.with_name(f"{path.stem}-{number}{path.suffix}")) for number in count(2))


def _content(path: Path) -> str:
    """Returns what a file is known by: its SHA-256, or where a link leads."""
    return f"link to {path.readlink()}" if path.is_symlink() else content_hash(path)


def _are_one(first: Path, second: Path) -> bool:
    return os.path.samestat(first.lstat(), second.lstat())


def _carry(path: Path, to: Path) -> None:
    """Gives a file another name, in two steps that a crash may lie between, and never that of another file."""
    if not os.path.lexists(path):
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    if not os.path.lexists(to):
        _link(path, to)
        sync_folder(to.parent)
    elif not _are_one(path, to):
        raise FileExistsError(0, f"{escape(to)} is there", str(to))
    with suppress(FileNotFoundError):  # there are no two names where it was renamed
        path.unlink()
    sync_folder(path.parent)


def _link(path: Path, to: Path) -> None:
    try:
        os.link(path, to, follow_symlinks=False)
    except (OSError, NotImplementedError) as error:
        if isinstance(error, FileExistsError):
            raise
        path.rename(to)  # a file system without links, where nothing else may write meanwhile
