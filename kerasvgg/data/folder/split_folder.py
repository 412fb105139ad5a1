"""A split as folders on disk: FOLDER/{train,validation,test}/CLASS/picture and FOLDER/split.csv."""

import csv
import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kerasvgg.data.folder.manifest import manifest_text, write_manifest
from kerasvgg.data.folder.scan import MANIFEST
from kerasvgg.data.folder.split import Split
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape, printable
from kerasvgg.process.progress import track

DROPPINGS = {".DS_Store", "Thumbs.db", "desktop.ini"}  # of file managers that have shown the folder


def _symlink(source: Path, target: Path) -> None:
    target.symlink_to(source.absolute())


def _hardlink(source: Path, target: Path) -> None:
    target.hardlink_to(os.path.realpath(source))  # of a link's file: a link would lead nowhere from its new place


def _copy(source: Path, target: Path) -> None:
    target.touch(exist_ok=False)  # two names that are one here, as where case is not told apart
    shutil.copyfile(source, target)


WAYS: dict[str, Callable[[Path, Path], object]] = {
    "copy": _copy,
    "hardlink": _hardlink,
    "symlink": _symlink,
}


def write_split_folder(split: Split, folder: Path, how: str = "copy", force: bool = False) -> bool:
    """Writes the split into `folder` and returns True, or returns False where the same split stands already.

    The folder is made under a temporary name and renamed when it is whole. `force` puts it in place of another
    split; a folder that holds anything else is never removed. `how` is copy, hardlink or symlink.
    """
    if how not in WAYS:
        raise DataError(f"`how` must be one of {', '.join(WAYS)}, received {how}")
    require_one_class_each(split)
    _keep_apart(split.root, folder)
    placed = tuple(replace(picture, path=_path_in_split(picture)) for picture in split.pictures)
    if _stands_already(folder, placed, force):
        return False
    temporary = folder.absolute().with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        _fill(temporary, split, placed, how)
        _swap(temporary, folder.absolute())
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return True


def require_one_class_each(split: Split) -> None:
    """Raises DataError for pictures with several classes, for which there are no class folders."""
    if split.multi_label:
        raise DataError(
            "a split folder must be of pictures with one class each; an experiment's `data.split` takes several"
        )


def _path_in_split(picture: Picture) -> str:
    return f"{picture.split}/{picture.label}/{picture.place}"


def _keep_apart(source: Path, folder: Path) -> None:
    inner, outer = Path(os.path.realpath(folder)), Path(os.path.realpath(source))
    if inner == outer or outer in inner.parents or inner in outer.parents:
        raise DataError(f"`{folder}` must lie outside the source and not around it; the source is `{source}`")


def _stands_already(folder: Path, placed: tuple[Picture, ...], force: bool) -> bool:
    if not folder.exists():
        return False
    if folder.is_dir() and not any(folder.iterdir()):
        return False
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise DataError(f"`{folder}` stands already and is not a split of kerasvgg's: choose another folder")
    same = manifest.read_bytes() == manifest_text(placed).encode()
    if same and all((folder / picture.path).exists() for picture in placed):
        return True
    if not force:
        state = "misses some of its pictures" if same else "holds another split"
        raise DataError(f"`{folder}` {state}: choose another folder, or --force to put the new split in its place")
    stranger = _stranger(folder)
    if stranger:
        raise DataError(
            f"`{folder}` also holds `{escape(stranger)}`, which its `{MANIFEST}` does not list and which would be "
            "lost: move it away or choose another folder"
        )
    return False


def _stranger(folder: Path) -> str | None:
    """Returns a file in the folder that its manifest does not list, None if there is none."""
    with (folder / MANIFEST).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
        try:
            listed = {row[0] for row in csv.reader(file) if row}
        except csv.Error:
            return MANIFEST
    files = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    places = (path.relative_to(folder).as_posix() for path in files if path.name not in DROPPINGS)
    return next((place for place in places if place != MANIFEST and printable(place) not in listed), None)


def _fill(folder: Path, split: Split, placed: tuple[Picture, ...], how: str) -> None:
    pairs = track(zip(split.pictures, placed, strict=True), "splitting", len(placed))
    made: set[Path] = set()
    for picture, target in pairs:
        path = folder / target.path
        try:
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            WAYS[how](split.root / picture.path, path)
        except OSError as error:
            raise DataError(
                escape(f"can't {how} `{split.root / picture.path}` to `{path}`: {error.strerror}")
            ) from error
    write_manifest(folder / MANIFEST, placed)


def _swap(new: Path, folder: Path) -> None:
    old = new.with_suffix(".old")
    replaces = folder.exists()
    if replaces:
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if replaces:
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
