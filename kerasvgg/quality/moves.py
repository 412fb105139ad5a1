"""Files that are moved as decided, and back: never deleted, never written over, and finished whatever happens between.

Before each move a line of the journal says what it will be, and is synced. A file is linked to its new name before the
old one goes, so that there is no moment without it. What a line says is done or not is seen by the files themselves.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from kerasvgg.errors import DataError
from kerasvgg.files.atomic import sync_folder
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.lock import locked
from kerasvgg.files.reading import read_small
from kerasvgg.files.text import escape, printable
from kerasvgg.quality.decisions import Move

JOURNAL = "journal.jsonl"
LARGEST = 1_000_000_000  # bytes of a journal


class Entry(NamedTuple):
    """A line of the journal: a file's content and both of its names, from the checked folder or the one beside it."""

    path: str
    to: str
    aside: bool
    sha256: str


class Done(NamedTuple):
    """How many files were moved to another class and how many were put aside, and why others could not be."""

    moved: int
    aside: int
    refused: tuple[str, ...] = ()


def aside_folder(root: Path) -> Path:
    """Returns where files of a folder are put aside, and where its journal lies: beside it."""
    root = root.absolute()
    return root.with_name(f"{root.name}-aside")


def moved_paths(root: Path) -> set[str]:
    """Returns what the files that were moved so far were called before. Raises DataError for a damaged journal."""
    if not (aside_folder(root) / JOURNAL).is_file():
        return set()
    return {printable(entry.path) for entry in _Journal(root).entries()}


def apply(root: Path, planned: Iterable[Move]) -> Done:
    """Moves the files, having finished what an interrupted call had begun; a name that is taken gets a number.

    What is returned counts earlier calls, too.

    Raises DataError for a journal that can't be read, and BusyError while another process moves files of this folder.
    """
    with _journal(root) as journal:
        entries = list(journal.entries())
        for entry in entries[-1:]:  # the only one that may not be done
            journal.move(entry)
        for one in planned:
            if new := journal.plan(one):
                journal.move(new)
                entries.append(new)
        return Done(sum(not one.aside for one in entries), sum(one.aside for one in entries))


def undo(root: Path) -> Done:
    """Puts back all files that were ever moved, the last first; what was changed meanwhile stays, and is told.

    Raises DataError where nothing was moved.
    """
    if not (aside_folder(root) / JOURNAL).is_file():
        raise DataError(f"`{escape(root)}` must have had decisions applied, but `{aside_folder(root)}` has no journal")
    with _journal(root) as journal:
        refused, back = [], []
        for entry in reversed(list(journal.entries())):
            if why := journal.put_back(entry):
                refused.append(why)
            else:
                back.append(entry)
        if not refused:
            journal.remove()
    return Done(sum(not one.aside for one in back), sum(one.aside for one in back), tuple(refused))


class _Journal:
    """The journal of a folder and the files that it tells of."""

    def __init__(self, root: Path) -> None:
        self._root, self._aside = root.absolute(), aside_folder(root)
        self._file = self._aside / JOURNAL

    def entries(self) -> Iterator[Entry]:
        """Yields all lines; the last one may have been cut by a crash, and then nothing was moved for it."""
        if not self._file.exists():
            return
        lines = read_small(self._file, LARGEST).split("\n")
        for number, line in enumerate(lines[:-1], start=1):
            try:
                yield _entry(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                raise DataError(f"{self._file}:{number}: is damaged: {str(error)[:200]}") from error
        if lines[-1]:
            with self._file.open("r+b") as file:
                file.truncate(file.seek(0, os.SEEK_END) - len(lines[-1].encode()))

    def plan(self, move: Move) -> Entry | None:
        """Returns an entry with a name that is free, written down and synced; None for a file that is gone."""
        path = self._root / move.path
        if not os.path.lexists(path):
            return None
        to = next(name for name in _names(move.to) if not os.path.lexists(self._place(name, move.aside)))
        entry = Entry(move.path, to, move.aside, _content(path))
        is_new = not self._file.exists()
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry._asdict()) + "\n")
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._aside)
        return entry

    def move(self, entry: Entry) -> None:
        """Does what an entry says, unless it is done."""
        _carry(self._root / entry.path, self._place(entry.to, entry.aside))

    def put_back(self, entry: Entry) -> str:
        """Undoes what an entry says, unless that is done; returns why it can't be, or ""."""
        now, before = self._place(entry.to, entry.aside), self._root / entry.path
        if not os.path.lexists(now):
            there = os.path.lexists(before)
            return "" if there else f"{escape(now)} is gone, and so is {escape(before)}"
        if _content(now) != entry.sha256:
            return f"{escape(now)} has changed since it was moved from {escape(before)}"
        if os.path.lexists(before) and not _are_one(now, before):
            return f"{escape(before)} is there again, so that {escape(now)} stays"
        _carry(now, before)
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
def _journal(root: Path) -> Iterator[_Journal]:
    """Yields the folder's journal and keeps other processes from it; what is empty at the end is removed."""
    folder = aside_folder(root)
    folder.mkdir(exist_ok=True)
    try:
        with locked(folder.with_name(f".{folder.name}.lock")):
            yield _Journal(root)
    finally:
        with suppress(OSError):
            folder.rmdir()


def _entry(said: Mapping[str, object]) -> Entry:
    entry = Entry(str(said["path"]), str(said["to"]), said["aside"] is True, str(said["sha256"]))
    for name in (entry.path, entry.to):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise ValueError(f"{name!r} lies outside of the folder")
    return entry


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
        raise DataError(f"`{escape(to)}` is there, so that `{escape(path)}` stays")
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
