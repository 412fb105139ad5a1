"""The split that an earlier process planned, taken up as it was written down."""

import csv
from io import StringIO
from pathlib import Path, PurePosixPath

from kerasvgg.data.content_hash import content_hash
from kerasvgg.data.in_threads import in_threads
from kerasvgg.data.manifest import COLUMNS, printable
from kerasvgg.data.scan import Found, scan
from kerasvgg.data.small_text import read_small
from kerasvgg.data.split import Picture, Split
from kerasvgg.errors import DataError
from kerasvgg.progress import track

AHEAD = 256
LARGEST = 500_000_000  # bytes, some four million pictures
Row = dict[str, str]


def recorded_split(manifest: Path, source: Path) -> tuple[Split, list[tuple[str, str]]]:
    """Returns the split in `manifest`, and (path, reason) for its pictures that are missing in `source` or changed.

    A path in the manifest is looked up among the files that `source` has; none is opened because the manifest names
    it. Raises DataError for a manifest that is missing, damaged, or names paths outside.
    """
    there = {printable(file.path): file for file in scan(source).files}
    rows = _rows(manifest)
    looked = track(in_threads(lambda row: _why_bad(row, source, there), rows, AHEAD), "verifying pictures", len(rows))
    bad = [(row["path"], reason) for row, reason in zip(rows, looked, strict=True) if reason]
    return Split(source, tuple(_picture(row, there.get(row["path"])) for row in rows)), bad


def _picture(row: Row, file: Found | None) -> Picture:
    path, place = (file.path, file.place) if file else (row["path"], "")
    return Picture(path, place, row["class"], row["split"], row["sha256"])


def _rows(manifest: Path) -> list[Row]:
    try:
        rows = list(csv.DictReader(StringIO(read_small(manifest, LARGEST), newline="")))
    except csv.Error as error:
        raise DataError(f"`{manifest}` can't be read: {error}") from error
    for line, row in enumerate(rows, start=2):
        if set(row) != set(COLUMNS) or not all(isinstance(value, str) for value in row.values()):
            raise DataError(f"{manifest}:{line}: must have the columns {', '.join(COLUMNS)}")
        path = PurePosixPath(row["path"])
        if path.is_absolute() or ".." in path.parts:
            raise DataError(f"{manifest}:{line}: a path must lie inside the source, received {row['path']!r}")
    if not rows:
        raise DataError(f"`{manifest}` must name at least one picture, received none")
    return rows


def _why_bad(row: Row, source: Path, there: dict[str, Found]) -> str | None:
    if row["path"] not in there:
        return "it is missing"
    try:
        same = content_hash(source / there[row["path"]].path) == row["sha256"]
    except OSError as error:
        return str(error.strerror)
    return None if same else "its content has changed since the split was planned"
