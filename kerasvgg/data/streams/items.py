"""Which files hold pictures, one after another: of a folder, an object store, or a list in a CSV file."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kerasvgg.data.picture import SPLITS
from kerasvgg.data.streams.remote import UnreachableError, is_remote, listed, opened, remote_stamp
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape
from kerasvgg.process.progress import warn
from kerasvgg.process.threads import in_threads

AHEAD = 256  # files of a list that are asked after at a time


class Item(NamedTuple):
    """A file by its `address`, a path or URL; `stamp` is another text once its content has changed, "" for no file.

    `label` is the class that its folder or its list says, or "".
    """

    address: str
    stamp: str
    label: str = ""

    @property
    def size(self) -> int:
        """How many bytes it has, so far as that is known."""
        size = self.stamp.partition(" ")[0]
        return int(size) if size.isdecimal() else 0


def items(source: str) -> Iterator[Item]:
    """Yields the files of a folder or address, in no order; those that a CSV file lists; or the one file that it is.

    In a folder a file's class is the folder that it lies in, below that of a part (train, validation, test) if it has
    one. Hidden files and links to folders are passed over. Raises DataError for a source that is not there.
    """
    if source.lower().endswith(".csv"):
        yield from _of_list(source)
        return
    found = listed(source) if is_remote(source) else _below(Path(source), "") if Path(source).is_dir() else iter(())
    nothing = True
    for address, stamp, place in found:
        nothing = False
        yield Item(address, stamp, label_of(place))
    if nothing and not Path(source).is_dir():
        one = _of_file(source, "")
        if not one.stamp:
            raise DataError(
                f"`{escape(source)}` must be a picture, or a folder or list of them, received nothing there"
            )
        yield one


def label_of(place: str) -> str:
    """Returns the class of a file by its place below the source: its first folder that is none of a split, or ""."""
    folders = place.split("/")[:-1]
    if folders and folders[0].lower() in SPLITS:
        folders = folders[1:]
    return folders[0] if folders else ""


def _of_file(address: str, label: str) -> Item:
    try:
        return Item(address, remote_stamp(address) if is_remote(address) else _stamp(Path(address).stat()), label)
    except (OSError, ValueError, UnreachableError):  # reading it says what is wrong
        return Item(address, "", label)


def _below(folder: Path, place: str) -> Iterator[tuple[str, str, str]]:
    """Yields address, stamp and place of each file; a folder inside that can't be read is told and passed over."""
    deeper = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    deeper.append(entry.name)
                elif entry.is_file() and (stamp := _stamp_of(entry)):
                    yield Path(entry.path).as_posix(), stamp, place + entry.name
    except PermissionError as error:
        if not place:
            raise
        warn(f"left out: {escape(folder)}: {error.strerror}")
    for name in deeper:
        yield from _below(folder / name, f"{place}{name}/")


def _stamp_of(entry: os.DirEntry[str]) -> str | None:
    try:
        return _stamp(entry.stat())
    except FileNotFoundError:  # gone since
        return None


def _stamp(about: os.stat_result) -> str:
    return f"{about.st_size} {about.st_mtime_ns}"


def _of_list(source: str) -> Iterator[Item]:
    """Yields the files that the column `path` names, from the list's folder, with what `class` says, if it is there."""
    with opened(source) as binary, io.TextIOWrapper(binary, "utf-8-sig", "surrogateescape", "") as text:
        rows = csv.DictReader(text)
        if "path" not in (rows.fieldnames or ()):
            received = ", ".join(rows.fieldnames or ()) or "none"
            raise DataError(f"{escape(source)}:1: must have a column path, received {escape(received)}")
        folder = source.rpartition("/")[0] if is_remote(source) else str(Path(source).parent)
        named = ((_address(folder, row["path"] or ""), row.get("class") or "") for row in rows)
        try:
            yield from in_threads(lambda row: _of_file(*row), named, AHEAD)
        except csv.Error as error:
            raise DataError(f"{escape(source)}:{rows.line_num}: {error}") from error


def _address(folder: str, path: str) -> str:
    if is_remote(path) or Path(path).is_absolute():
        return path
    return f"{folder}/{path}" if is_remote(folder) else (Path(folder) / path).as_posix()
