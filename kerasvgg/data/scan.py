"""What a folder of pictures holds, before anything is opened: files, their classes, and a split if it has one."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.errors import DataError

MANIFEST = "split.csv"
OUR_OWN = {MANIFEST, "origin.json"}  # notes that kerasvgg leaves beside pictures
UNWRITABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")  # Python has surrogates for bytes that are not UTF-8
SPLITS = {
    "train": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be a picture: `path` from the scanned folder, `place` below its class folder, both posix."""

    path: str
    place: str
    label: str
    split: str | None = None


@dataclass(frozen=True)
class Source:
    """A scanned folder, in natural name order; `left_out` pairs a path with the reason it can't be a picture."""

    root: Path
    files: tuple[Found, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def is_split(self) -> bool:
        """Tells whether the folder came with train, validation or test folders of its own."""
        return bool(self.files) and self.files[0].split is not None


def scan(root: Path) -> Source:
    """Finds the files of class folders, of one flat folder of class.number.suffix, or of a split of class folders.

    Raises DataError for a folder that is missing or laid out in none of these ways.
    """
    if not root.is_dir():
        received = "a file" if root.exists() else "nothing"
        raise DataError(f"`{root}` must be a folder of pictures, received {received}")
    folders, loose = _list(root)
    splits = [folder for folder in folders if folder.lower() in SPLITS and _list(root / folder)[0]]
    left_out: list[tuple[str, str]] = []
    if len(splits) >= 2:
        files = [file for name in splits for file in _class_folders(root, left_out, f"{name}/")]
    elif folders:
        files = list(_class_folders(root, left_out))
        left_out += [(name, "not in a class folder") for name in loose if name not in OUR_OWN]
    else:
        files = list(_flat(loose, left_out))
    _require_classes(root, files)
    files.sort(key=lambda file: (file.split or "", natural(file.label), natural(file.place)))
    return Source(root, tuple(files), tuple(left_out))


def pictures_below(root: Path) -> list[Path]:
    """Returns the plain files below a folder in natural order, hidden ones left out."""
    return sorted((root / place for place in _walk(root, [])), key=lambda path: natural(str(path)))


def natural(name: str) -> list[tuple[int, str]]:
    """Returns a sort key by which cat.2 comes before cat.10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split("([0-9]+)", name)]


def _class_folders(root: Path, left_out: list[tuple[str, str]], below: str = "") -> Iterator[Found]:
    split = SPLITS[below.strip("/").lower()] if below else None
    for label in _list(root / below)[0]:
        refused: list[tuple[str, str]] = []
        for place in _walk(root / below / label, refused):
            yield Found(f"{below}{label}/{place}", place, label, split)
        left_out += [(f"{below}{label}/{place}", reason) for place, reason in refused]


def _flat(names: list[str], left_out: list[tuple[str, str]]) -> Iterator[Found]:
    for name in names:
        label, *rest = name.split(".")
        if label and len(rest) >= 2:
            yield Found(name, name, label)
        else:
            left_out.append((name, "no class before its first dot, as in cat.0.jpg"))


def _walk(folder: Path, refused: list[tuple[str, str]], below: str = "") -> Iterator[str]:
    # Links to folders are not followed: they may loop or lead outside.
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        place = below + entry.name
        if entry.name.startswith("."):
            refused.append((place, "hidden"))
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name, refused, f"{place}/")
        elif _is_plain_file(Path(entry.path)):
            yield place
        else:
            refused.append((place, "not a plain file"))


def _is_plain_file(path: Path) -> bool:
    # Opening a FIFO would wait for ever, so what a name stands for is asked before it is opened.
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False


def _list(folder: Path) -> tuple[list[str], list[str]]:
    try:
        entries = [entry for entry in os.scandir(folder) if not entry.name.startswith(".")]
    except OSError as error:
        raise DataError(f"`{folder}` can't be read: {error.strerror}") from error
    folders = sorted((entry.name for entry in entries if entry.is_dir()), key=natural)
    return folders, sorted((entry.name for entry in entries if not entry.is_dir()), key=natural)


def _require_classes(root: Path, files: list[Found]) -> None:
    labels = sorted({file.label for file in files})
    unwritable = [label for label in labels if UNWRITABLE.search(label)]
    if unwritable:
        raise DataError(
            f"`{root}`: a class must have a name in UTF-8 without control characters; "
            f"received {', '.join(map(repr, unwritable))}"
        )
    if len(labels) < 2:
        raise DataError(
            f"`{root}` must hold at least two classes of pictures: class folders, files named like cat.0.jpg, or "
            f"train/ and validation/ folders with class folders in them; received {', '.join(labels) or 'none'}"
        )
