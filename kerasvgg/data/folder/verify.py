"""Which of the found files are pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerasvgg.data.folder.scan import ScannedFile
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import glance
from kerasvgg.errors import DataError
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.text import escape
from kerasvgg.process.progress import track
from kerasvgg.process.threads import in_threads

if TYPE_CHECKING:
    import numpy as np

AHEAD = 256


class Seen(NamedTuple):
    """A picture's content: the SHA-256 of its file, and a gray thumbnail, if it tells anything."""

    sha256: str
    thumbnail: "np.ndarray | None"


def verify_pictures(
    root: Path, files: Sequence[ScannedFile]
) -> tuple[list[tuple[ScannedFile, Seen]], list[tuple[str, str]]]:
    """Decodes every file to its end; returns the pictures with what was seen, and (path, reason) for the others."""

    def look(file: ScannedFile) -> Seen | str:
        path = root / file.path
        try:
            small = glance(path).thumbnail
            return Seen(content_hash(path), small)
        except DataError as error:
            return str(error).removeprefix(f"{escape(path)}: ")
        except OSError as error:  # gone since it was decoded
            return error.strerror or str(error)

    good, bad = [], []
    looked = track(in_threads(look, files, AHEAD), "checking pictures", len(files))
    for file, seen in zip(files, looked, strict=True):
        if isinstance(seen, str):
            bad.append((file.path, seen))
        else:
            good.append((file, seen))
    return good, bad


def with_thumbnails(root: Path, pictures: Sequence[Picture]) -> list[Picture]:
    """Returns the pictures with thumbnails; those of a recorded split, which has none, are looked at again."""
    if any(one.thumbnail is not None for one in pictures):
        return list(pictures)
    looked = track(in_threads(lambda one: _thumbnail(root / one.path), pictures, AHEAD), "looking", len(pictures))
    return [replace(one, thumbnail=small) for one, small in zip(pictures, looked, strict=True)]


def _thumbnail(path: Path) -> "np.ndarray | None":
    try:
        return glance(path).thumbnail
    except DataError:  # gone bad since
        return None


def without_pictures(found: Iterable[ScannedFile], good: Iterable[ScannedFile]) -> list[tuple[str, str]]:
    """Returns (path, reason) for each class folder that has files, but none among the `good` ones."""
    before, after = ({file.path.removesuffix(file.place) for file in files} for files in (found, good))
    return [(folder.rstrip("/"), "a class without a picture") for folder in sorted(before - after) if folder]
