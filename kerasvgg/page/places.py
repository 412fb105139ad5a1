"""Folders that may be chosen: each has a number that was given out in a list; no path is made of what is asked."""

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kerasvgg.data.folder.scan import Source, natural, scan
from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.files.text import printable

MOST = 5_000  # folders that are known at a time
MOST_SHOWN = 500


class Place(NamedTuple):
    """A folder that can be asked for by `id`."""

    id: str
    name: str


class Places:
    """Folders by number, beginning with the working folder and the user's own."""

    def __init__(self, *roots: Path) -> None:
        self._paths: OrderedDict[str, Path] = OrderedDict()
        self._roots = [self._known(root.absolute()) for root in dict.fromkeys(roots)]

    def path(self, asked: str) -> Path:
        """Returns the folder of this number. Raises ConfigError for a number that was not given out, or long ago."""
        if asked not in self._paths:
            raise ConfigError("this folder is not known any more: choose it again")
        return self._paths[asked]

    def inside(self, asked: str) -> tuple[Path, list[Place]]:
        """Returns a folder, the first one for "", and those in it and the one above; hidden ones are left out."""
        path = self.path(asked or self._roots[0].id)
        found = [Place(self._known(path.parent).id, "..")] if path.parent != path else []
        found += [one._replace(name=f"{one.name} ({self._paths[one.id]})") for one in self._roots if not asked][1:]
        return path, [*found, *(self._known(one) for one in _folders(path))]

    def _known(self, path: Path) -> Place:
        number = next((number for number, one in self._paths.items() if one == path), None) or secrets.token_urlsafe(12)
        self._paths[number] = path
        self._paths.move_to_end(number)
        while len(self._paths) > MOST:
            self._paths.popitem(last=False)
        return Place(number, printable(path.name or str(path)))


def _folders(path: Path) -> Iterator[Path]:
    try:
        names = [one.name for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")]
    except OSError as error:
        raise ConfigError(f"{path} can't be read: {error.strerror}") from error
    yield from (path / name for name in sorted(names, key=natural)[:MOST_SHOWN])


def what_is_in(path: Path) -> dict[str, object]:
    """Returns what a folder of pictures holds by its names: classes with counts, parts, or why it is none."""
    try:
        source: Source = scan(path)
    except KerasVGGError as error:
        return {"path": str(path), "why_not": str(error), "classes": {}}
    counts: dict[str, int] = {}
    for file in source.files:
        counts[file.label] = counts.get(file.label, 0) + 1
    return {
        "path": printable(str(path)),
        "why_not": "",
        "classes": {printable(name): count for name, count in counts.items()},
        "files": len(source.files),
        "is_split": source.is_split,
        "left_out": len(source.left_out),
        "several_classes": source.multi_label,
    }
