"""Which of the found files are pictures."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kerasvgg.data.content_hash import content_hash
from kerasvgg.data.images import glance
from kerasvgg.data.in_threads import in_threads
from kerasvgg.data.scan import Found
from kerasvgg.data.shown import shown
from kerasvgg.errors import DataError
from kerasvgg.progress import track

if TYPE_CHECKING:
    import numpy as np

AHEAD = 256


class Seen(NamedTuple):
    """A picture's content: the SHA-256 of its file, and a gray thumbnail, if it tells anything."""

    sha256: str
    thumbnail: "np.ndarray | None"


def check(root: Path, files: Sequence[Found]) -> tuple[list[tuple[Found, Seen]], list[tuple[str, str]]]:
    """Decodes every file to its end; returns the pictures with what was seen, and (path, reason) for the others."""

    def look(file: Found) -> Seen | str:
        path = root / file.path
        try:
            small = glance(path).thumbnail
            return Seen(content_hash(path), small)
        except DataError as error:
            return str(error).removeprefix(f"{shown(path)}: ")
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
