"""Folders that may be chosen: each has a number that was given out in a list; no path is made of what is asked."""

import os
import secrets
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kerasvgg.data.folder.scan import Source, natural, scan
from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.files.text import printable

MOST = 5_000  # folders that are known at a time
MOST_SHOWN = 500
MOST_ENTRIES, SECONDS = 200_000, 5.0  # that a folder may hold, and that counting may take


class Place(NamedTuple):
    """A folder that can be asked for by `id`."""

    id: str
    name: str


class Inside(NamedTuple):
    """A folder and those in it, the one above first."""

    id: str
    path: Path
    inside: list[Place]


class Places:
    """Folders by number, beginning with the working folder and the user's own."""

    def __init__(self, *roots: Path) -> None:
        self._roots = {secrets.token_urlsafe(12): root for root in dict.fromkeys(root.absolute() for root in roots)}
        self._paths: OrderedDict[str, Path] = OrderedDict()
        self._turn = threading.Lock()

    def path(self, asked: str) -> Path:
        """Returns the folder of this number. Raises ConfigError for a number that was not given out, or long ago."""
        with self._turn:
            if found := self._roots.get(asked) or self._paths.get(asked):
                return found
        raise ConfigError("this folder is not known any more: choose it again")

    def inside(self, asked: str) -> Inside:
        """Returns a folder, the first one for "", and those in it and the one above; hidden ones are left out."""
        first, *others = self._roots
        path = self.path(asked or first)
        folders = list(_folders(path))
        with self._turn:
            found = [Place(self._known(path.parent), "..")] if path.parent != path else []
            found += [Place(number, printable(str(self._roots[number]))) for number in others if not asked]
            found += [Place(self._known(one), printable(one.name)) for one in folders]
        return Inside(asked or first, path, found)

    def _known(self, path: Path) -> str:
        number = next((number for number, one in self._paths.items() if one == path), None) or secrets.token_urlsafe(12)
        self._paths[number] = path
        self._paths.move_to_end(number)
        while len(self._paths) > MOST:
            self._paths.popitem(last=False)
        return number


def _folders(path: Path) -> Iterator[Path]:
    try:
        names = [one.name for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")]
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}") from error
    yield from (path / name for name in sorted(names, key=natural)[:MOST_SHOWN])


def what_is_in(path: Path) -> dict[str, object]:
    """Returns what a folder of pictures holds by its names: classes with counts, parts, or why it is none."""
    if _is_large(path):
        return {"why_not": f"More than {MOST_ENTRIES:,} files or folders lie below.", "classes": {}}
    try:
        source: Source = scan(path)
    except KerasVGGError as error:
        return {"why_not": str(error), "classes": {}}
    counts = Counter(file.label for file in source.files)
    return {
        "why_not": "",
        "classes": {printable(name): count for name, count in sorted(counts.items())},
        "files": len(source.files),
        "is_split": source.is_split,
    }


def _is_large(path: Path) -> bool:
    """Tells whether it would take long to look through all below; names are counted, and nothing is opened."""
    count, ends = 0, time.monotonic() + SECONDS
    for _, folders, files in os.walk(path):
        count += len(folders) + len(files)
        if count > MOST_ENTRIES or time.monotonic() > ends:
            return True
    return False
