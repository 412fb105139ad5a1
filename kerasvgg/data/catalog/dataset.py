"""What the catalog knows of a data set: origin, licence, layout, classes, and how it is fetched."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.data.catalog.archive import extract
from kerasvgg.errors import DataError

SUFFIXES = {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}


@dataclass(frozen=True)
class Dataset:
    """A data set: where it comes from and on which terms, what is in it, and how it gets here.

    `url` names an archive of `size` bytes (`exact`, or about that many) that `unpack` takes to a folder; without an
    `url`, `make` fills the folder. `roots` are the places below the folder where the `splits`, or else the `classes`,
    may be; a class is a folder, or files, whose name begins with it, whatever the case.
    """

    name: str
    title: str
    origin: str
    licence: str
    layout: str
    pictures: int
    classes: tuple[str, ...]
    splits: tuple[str, ...] = ()
    roots: tuple[str, ...] = (".",)
    url: str | None = None
    size: int = 0
    exact: bool = True
    sha256: str | None = None
    unpack: Callable[[Path, Path], None] = extract
    make: Callable[[Path], None] | None = None

    def source(self, folder: Path) -> Path:
        """Returns the first of the roots in `folder` that holds all of the splits' classes; DataError if none does."""
        for root in self.roots:
            parts = [folder / root / split for split in self.splits] or [folder / root]
            if all(_holds(part, self.classes) for part in parts):
                return folder / root
        received = ", ".join(sorted(_names(folder))[:5]) or "an empty folder"
        raise DataError(f"`{folder}` must hold {self.name} as {self.layout}; received {received}")


def _holds(folder: Path, classes: tuple[str, ...]) -> bool:
    names = [name.lower() for name in _names(folder)]
    return all(any(name.startswith(label.lower()) for name in names) for label in classes)


def _names(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        for entry in folder.iterdir():
            if entry.suffix.lower() in SUFFIXES or entry.is_dir():
                yield entry.name
