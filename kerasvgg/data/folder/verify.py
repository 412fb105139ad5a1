"""Which of the found files are pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kerasvgg.data.folder.index import Seen, recall, remember, stamp
from kerasvgg.data.folder.scan import ScannedFile
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import glance
from kerasvgg.errors import DataError
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.text import escape
from kerasvgg.process.progress import track
from kerasvgg.process.threads import in_threads

if TYPE_CHECKING:
    pass

AHEAD = 256


def verify_pictures(
    root: Path, files: Sequence[ScannedFile]
) -> tuple[list[tuple[ScannedFile, Seen]], list[tuple[str, str]]]:
    """Returns the pictures with what is seen in them, and (path, reason) for the others.

    Files that were not seen as they are now are decoded to their end.
    """
    good, bad = [], []
    for file, seen in zip(files, seen_in([root / file.path for file in files], "checking pictures"), strict=True):
        if isinstance(seen, str):
            bad.append((file.path, seen))
        else:
            good.append((file, seen))
    return good, bad


def with_thumbnails(root: Path, pictures: Sequence[Picture]) -> list[Picture]:
    """Returns the pictures with thumbnails, which those of a recorded split have not; None for one gone bad since."""
    if any(one.thumbnail is not None for one in pictures):
        return list(pictures)
    found = seen_in([root / one.path for one in pictures], "looking")
    small = (None if isinstance(seen, str) else seen.thumbnail for seen in found)
    return [replace(one, thumbnail=levels) for one, levels in zip(pictures, small, strict=True)]


def seen_in(paths: Sequence[Path], doing: str) -> list[Seen | str]:
    """Returns what is seen in each file, or why it is no picture; what is known of it is not looked at again."""
    known = recall(paths)
    unknown = [path for path, seen in zip(paths, known, strict=True) if seen is None]
    looked = list(track(in_threads(_look, unknown, AHEAD), doing, len(unknown)))
    found = zip(unknown, looked, strict=True)
    remember((path, mark, seen) for path, (mark, seen) in found if mark and isinstance(seen, Seen))
    fresh = iter(looked)
    return [seen or next(fresh)[1] for seen in known]


def _look(path: Path) -> tuple[str | None, Seen | str]:
    """Returns the stamp of a picture that did not change meanwhile, and what is seen in it, or why it is none."""
    before = stamp(path)
    try:
        small = glance(path).thumbnail
        seen = Seen(content_hash(path), small)
    except DataError as error:
        return None, str(error).removeprefix(f"{escape(path)}: ")
    except OSError as error:  # gone since it was decoded
        return None, error.strerror or str(error)
    return before if before == stamp(path) else None, seen


def without_pictures(found: Iterable[ScannedFile], good: Iterable[ScannedFile]) -> list[tuple[str, str]]:
    """Returns (path, reason) for each class folder that has files, but none among the `good` ones."""
    before, after = ({file.path.removesuffix(file.place) for file in files} for files in (found, good))
    return [(folder.rstrip("/"), "a class without a picture") for folder in sorted(before - after) if folder]
