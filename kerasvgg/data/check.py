"""Which of the found files are pictures."""

from collections.abc import Sequence
from pathlib import Path

from kerasvgg.data.content_hash import content_hash
from kerasvgg.data.images import trouble
from kerasvgg.data.in_threads import in_threads
from kerasvgg.data.scan import Found
from kerasvgg.progress import track

AHEAD = 256


def check(root: Path, files: Sequence[Found]) -> tuple[list[tuple[Found, str]], list[tuple[str, str]]]:
    """Decodes every file to its end; returns the pictures with their SHA-256, and (path, reason) for the others."""

    def look(file: Found) -> tuple[str | None, str]:
        reason = trouble(root / file.path)
        if reason:
            return reason, ""
        try:
            return None, content_hash(root / file.path)
        except OSError as error:  # gone since it was decoded
            return error.strerror or str(error), ""

    good, bad = [], []
    looked = track(in_threads(look, files, AHEAD), "checking pictures", len(files))
    for file, (reason, sha256) in zip(files, looked, strict=True):
        if reason:
            bad.append((file.path, reason))
        else:
            good.append((file, sha256))
    return good, bad
