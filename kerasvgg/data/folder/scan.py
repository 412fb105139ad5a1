"""What a folder of pictures holds, before anything is opened: files, their classes, and a split if it has one."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.data.folder.labels import LABELS, is_multi_label, read_labels
from kerasvgg.data.folder.named_files import NamedFiles
from kerasvgg.data.picture import SPLITS, UNWRITABLE
from kerasvgg.data.targets import all_classes
from kerasvgg.errors import DataError
from kerasvgg.files.reading import why_not_plain
from kerasvgg.files.text import escape
from kerasvgg.process.progress import warn

LeftOut = list[tuple[str, str]]
MANIFEST = "split.csv"
OUR_OWN = {MANIFEST, LABELS, "origin.json"}  # notes beside pictures that kerasvgg knows


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """A file that may be a picture: `path` from the scanned folder, `place` below its class folder, both posix."""

    path: str
    place: str
    label: str
    split: str | None = None
    group: str = ""


@dataclass(frozen=True)
class Source:
    """A scanned folder, in natural name order; `left_out` pairs a path with the reason it can't be a picture.

    With `multi_label` a file's label may be several classes joined by |, or none; `by_csv`: a CSV file says the labels.
    """

    root: Path
    files: tuple[ScannedFile, ...]
    left_out: tuple[tuple[str, str], ...]
    multi_label: bool = False
    by_csv: bool = False

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of all files, in alphabetical order."""
        return all_classes((file.label for file in self.files), self.multi_label)

    @property
    def is_split(self) -> bool:
        """Tells whether the folder came with train, validation or test folders of its own."""
        return bool(self.files) and self.files[0].split is not None


def scan(root: Path, least: int = 2, labels: Path | None = None) -> Source:
    """Finds the files of class folders, of one flat folder of class.number.suffix, or of a split of class folders.

    With `labels` it finds those that this CSV file names, with the classes that it says (see `read_labels`), and so it
    does with a labels.csv in the folder, where names of folders or files do not tell two classes.

    Raises DataError for a folder that is missing, laid out in none of these ways, or with fewer classes than `least`.
    """
    if not root.is_dir():
        received = "a file" if root.exists() else "nothing"
        raise DataError(f"`{escape(root)}` must be a folder of pictures, received {received}")
    left_out: LeftOut = []
    folders, loose = _look(root, "", True, left_out)
    files = _by_names(root, folders, loose, left_out) if labels is None else []
    if labels is None and LABELS in loose:
        if len({file.label for file in files if file.label.lower() not in SPLITS}) < 2:
            labels = root / LABELS
        else:
            warn(f"{escape(root / LABELS)}: not used, because names tell the classes; give it as `labels` to use it")
    multi_label = False
    if labels is not None:
        (files, multi_label), left_out = _by_labels(root, labels), []
    files.sort(key=lambda file: (file.split or "", natural(file.label), natural(file.place)))
    source = Source(root, tuple(files), tuple(sorted(left_out)), multi_label, by_csv=labels is not None)
    _require_classes(source, least, labels)
    return source


def _by_names(root: Path, folders: list[str], loose: list[str], left_out: LeftOut) -> list[ScannedFile]:
    splits = _splits(root, folders)
    if splits:
        files = [file for name in splits for file in _class_folders(root, f"{name}/", left_out)]
        left_out += [(name, "beside the folders of the split") for name in folders if name not in splits]
    else:
        files = list(_class_folders(root, "", left_out))
    if files or not loose:
        left_out += _loose(root, "", (name for name in loose if name not in OUR_OWN))
    else:
        files = list(_flat(loose, left_out))
    return files


def _by_labels(root: Path, labels: Path) -> tuple[list[ScannedFile], bool]:
    """Returns the files that the CSV file names, and whether it is multi-label; others are counted on stderr."""
    not_files: LeftOut = []
    there = set(_walk(root, "", 1, not_files))
    rows = read_labels(labels, NamedFiles(root, there, dict(not_files)))
    others = there - OUR_OWN - {row.place for row in rows}
    others -= {place for place in others if place.endswith(labels.name) and (root / place).samefile(labels)}
    if count := len(others):
        warn(f"left out: {count:,} file{'s' * (count > 1)} that {escape(labels.name)} does not name")
    return [ScannedFile(row.place, row.place, *row[1:]) for row in rows], is_multi_label(rows)


def scan_parts(folders: Mapping[str, Path]) -> Source:
    """Finds the files of one folder for each part: train, validation, and test if there is one.

    Paths are from the folder that holds them all. Raises DataError as `scan` does.
    """
    root = Path(os.path.commonpath([folder.absolute() for folder in folders.values()]))
    files: list[ScannedFile] = []
    left_out: LeftOut = []
    multi_label = False
    for part, folder in folders.items():
        found, below = scan(folder), folder.absolute().relative_to(root).as_posix()
        if found.is_split:
            raise DataError(f"`{escape(folder)}` must hold the {part} pictures alone, received a folder that is split")
        prefix = "" if below == "." else f"{below}/"
        files += [ScannedFile(prefix + file.path, file.place, file.label, part, file.group) for file in found.files]
        left_out += [(prefix + path, why) for path, why in found.left_out]
        multi_label |= found.multi_label
    return Source(root, tuple(files), tuple(sorted(left_out)), multi_label)


def pictures_below(root: Path) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Returns the plain files below a folder in natural order, and (path, reason) for what can't be a picture."""
    left_out: LeftOut = []
    levels = 2 if _splits(root, _look(root, "", True, [])[0]) else 1
    places = [place for place in _walk(root, "", levels, left_out) if place not in OUR_OWN]
    return [root / place for place in sorted(places, key=natural)], [(root / p, why) for p, why in sorted(left_out)]


def natural(name: str) -> list[tuple[int, str]]:
    """Returns a sort key by which cat.2 comes before cat.10; no two names have the same."""
    parts = re.split("([0-9]+)", name)
    return [*((int(part), "") if i % 2 else (-1, part) for i, part in enumerate(parts)), (-2, name)]


def _splits(root: Path, folders: list[str]) -> list[str]:
    """Returns which of the folders are those of a split, none if fewer than two."""
    splits = [name for name in folders if name.lower() in SPLITS and _look(root, f"{name}/", True, [])[0]]
    return splits if len(splits) >= 2 else []


def _class_folders(root: Path, below: str, left_out: LeftOut) -> Iterator[ScannedFile]:
    labels, loose = _look(root, below, True, left_out) if below else (_look(root, "", True, [])[0], [])
    left_out += _loose(root, below, loose)
    split = SPLITS[below.strip("/").lower()] if below else None
    for label in labels:
        folder = f"{below}{label}/"
        for path in _walk(root, folder, 0, left_out):
            yield ScannedFile(path, path.removeprefix(folder), label, split)


def _loose(root: Path, below: str, names: Iterable[str]) -> LeftOut:
    return [(below + name, why_not_plain(root / below / name) or "not in a class folder") for name in names]


def _flat(names: list[str], left_out: LeftOut) -> Iterator[ScannedFile]:
    for name in names:
        label, *rest = name.split(".")
        if label and len(rest) >= 2:
            yield ScannedFile(name, name, label)
        elif name not in OUR_OWN:
            left_out.append((name, "no class before its first dot, as in cat.0.jpg"))


def _walk(root: Path, start: str, levels: int, left_out: LeftOut) -> Iterator[str]:
    """Yields the plain files below root/start; on the first `levels` links to folders count as folders."""
    waiting = [(start, 0)]
    while waiting:
        below, level = waiting.pop()
        try:
            folders, files = _look(root, below, level < levels, left_out)
        except DataError as error:
            if below == start:  # a whole class would be missing
                raise
            left_out.append((below.rstrip("/"), str(error)))
            continue
        if below and not folders and not files:
            left_out.append((below.rstrip("/"), "a folder with nothing in it that could be a picture"))
        waiting += [(f"{below}{name}/", level + 1) for name in folders]
        for place in (below + name for name in files):
            reason = why_not_plain(root / place)
            if reason is None:
                yield place
            else:
                left_out.append((place, reason))


def _look(root: Path, below: str, linked: bool, left_out: LeftOut) -> tuple[list[str], list[str]]:
    """Returns the names of the folders in root/below and of all else; hidden ones are left out.

    With `linked`, a link to a folder is a folder, unless it leads into `root` or around it and so may loop.
    """
    folders, others = [], []
    for entry in _entries(root / below):
        if entry.name.startswith("."):
            left_out.append((below + entry.name, "hidden"))
        elif entry.is_dir(follow_symlinks=False) or (
            linked and entry.is_symlink() and _leads_elsewhere(entry.path, root)
        ):
            folders.append(entry.name)
        else:
            others.append(entry.name)
    return folders, others


def _leads_elsewhere(link: str, root: Path) -> bool:
    target, inside = Path(os.path.realpath(link)), Path(os.path.realpath(root))
    is_folder = os.path.isdir(target)  # noqa: PTH112 (Path.is_dir raises where it may not look)
    return is_folder and not target.is_relative_to(inside) and target not in inside.parents


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise DataError(f"`{escape(folder)}` can't be read: {error.strerror}") from error


def _require_classes(source: Source, least: int, labels: Path | None) -> None:
    root, names = source.root, source.classes
    unwritable = [name for name in names if UNWRITABLE.search(name)]
    if unwritable:
        raise DataError(
            f"`{escape(root)}`: a class must have a name in UTF-8 without control characters; "
            f"received {', '.join(map(repr, unwritable))}"
        )
    if len(names) < least and labels:
        raise DataError(f"`{escape(labels)}` must name at least two classes, received {', '.join(names) or 'none'}")
    if len(names) < least:
        raise DataError(
            f"`{escape(root)}` must hold at least two classes of pictures: class folders, files named like cat.0.jpg, "
            f"or train/ and validation/ folders with class folders in them, or a {LABELS} that says them; received "
            f"{', '.join(names) or 'none'}"
        )
