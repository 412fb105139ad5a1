"""The split that an earlier process planned, taken up as it was written down."""

from pathlib import Path

from kerasvgg.data.content_hash import content_hash
from kerasvgg.data.in_threads import in_threads
from kerasvgg.data.manifest import Row, printable, read_manifest
from kerasvgg.data.scan import Found, scan
from kerasvgg.data.split import Picture, Split
from kerasvgg.progress import track

AHEAD = 256


def recorded_split(manifest: Path, source: Path) -> tuple[Split, list[tuple[str, str]]]:
    """Returns the split in `manifest`, and (path, reason) for its pictures that are missing in `source` or changed.

    A path in the manifest is looked up among the files that `source` has; none is opened because the manifest names
    it. Raises DataError for a manifest that is missing, damaged, or names paths outside.
    """
    there = {printable(file.path): file for file in scan(source).files}
    rows = read_manifest(manifest)
    looked = track(in_threads(lambda row: _why_bad(row, source, there), rows, AHEAD), "verifying pictures", len(rows))
    bad = [(row["path"], reason) for row, reason in zip(rows, looked, strict=True) if reason]
    return Split(source, tuple(_picture(row, there.get(row["path"])) for row in rows)), bad


def _picture(row: Row, file: Found | None) -> Picture:
    path, place = (file.path, file.place) if file else (row["path"], "")
    return Picture(path, place, row["class"], row["split"], row["sha256"])


def _why_bad(row: Row, source: Path, there: dict[str, Found]) -> str | None:
    if row["path"] not in there:
        return "it is missing"
    try:
        same = content_hash(source / there[row["path"]].path) == row["sha256"]
    except OSError as error:
        return str(error.strerror)
    return None if same else "its content has changed since the split was planned"
