"""split.csv: which picture is in which class and split, the SHA-256 of its content, and its group if there are any."""

import csv
import io
from dataclasses import replace
from pathlib import Path, PurePosixPath

from kerasvgg.data.folder.scan import MANIFEST, ScannedFile, Source
from kerasvgg.data.folder.split import Split
from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError
from kerasvgg.files.atomic import write_text
from kerasvgg.files.hashing import content_hash
from kerasvgg.files.reading import read_small
from kerasvgg.files.text import escape, printable, write_rows
from kerasvgg.process.progress import track
from kerasvgg.process.threads import in_threads

COLUMNS = ("path", "class", "split", "sha256")
GROUP = "group"  # a column only where there are groups
LARGEST = 500_000_000  # bytes, some four million pictures
Row = dict[str, str]


def write_manifest(path: Path, pictures: tuple[Picture, ...]) -> None:
    """Writes one line per picture, in the given order."""
    write_text(path, manifest_text(pictures))


def manifest_text(pictures: tuple[Picture, ...]) -> str:
    """Returns the manifest as CSV text; a name that is not UTF-8 is written as Python shows it."""
    text = io.StringIO()
    grouped = any(p.group for p in pictures)
    write_rows(text, [(*COLUMNS, GROUP)[: len(COLUMNS) + grouped]])
    rows = ((printable(p.path), printable(p.label), p.split, p.sha256, p.group) for p in pictures)
    write_rows(text, (row[: len(COLUMNS) + grouped] for row in rows))
    return text.getvalue()


def read_manifest(manifest: Path) -> list[Row]:
    """Returns the lines. Raises DataError for a manifest that is missing, damaged, or names paths outside."""
    try:
        rows = list(csv.DictReader(io.StringIO(read_small(manifest, LARGEST), newline="")))
    except csv.Error as error:
        raise DataError(f"`{manifest}` can't be read: {error}") from error
    for line, row in enumerate(rows, start=2):
        if set(row) - {GROUP} != set(COLUMNS) or not all(isinstance(value, str) for value in row.values()):
            raise DataError(f"{manifest}:{line}: must have the columns {', '.join(COLUMNS)}")
        path = PurePosixPath(row["path"])
        if path.is_absolute() or ".." in path.parts:
            raise DataError(f"{manifest}:{line}: a path must lie inside the source, received {row['path']!r}")
    if not rows:
        raise DataError(f"`{manifest}` must name at least one picture, received none")
    return rows


def with_recorded_groups(source: Source) -> Source:
    """Returns the files of a split folder with the groups that its split.csv has, so that folds keep them, too."""
    manifest = source.root / MANIFEST
    if not source.is_split or not manifest.is_file():
        return source
    try:
        groups = {row["path"]: row.get(GROUP, "") for row in read_manifest(manifest)}
    except DataError:  # another's file of this name
        return source
    files = (replace(file, group=file.group or groups.get(printable(file.path), "")) for file in source.files)
    return replace(source, files=tuple(files))


AHEAD = 256


def recorded_split(manifest: Path, source: Source) -> tuple[Split, list[tuple[str, str]]]:
    """Returns the split in `manifest`, and (path, reason) for its pictures that are missing in `source` or changed.

    A path in the manifest is looked up among the files that `source` has; none is opened because the manifest names
    it. Raises DataError for a manifest that is missing, damaged, or names paths outside.
    """
    there = {printable(file.path): file for file in source.files}
    rows = read_manifest(manifest)
    looked = track(
        in_threads(lambda row: _why_bad(row, source.root, there), rows, AHEAD), "verifying pictures", len(rows)
    )
    bad = [(row["path"], reason) for row, reason in zip(rows, looked, strict=True) if reason]
    pictures = tuple(_picture(row, there.get(row["path"])) for row in rows)
    return Split(source.root, pictures, multi_label=source.multi_label), bad


def _picture(row: Row, file: ScannedFile | None) -> Picture:
    path, place = (file.path, file.place) if file else (row["path"], "")
    return Picture(path, place, row["class"], row["split"], row["sha256"], group=row.get(GROUP, ""))


def _why_bad(row: Row, root: Path, there: dict[str, ScannedFile]) -> str | None:
    if row["path"] not in there:
        return "it is missing"
    if printable(there[row["path"]].label) != row["class"]:
        return f"its class is another one since the split was planned, {escape(there[row['path']].label)}"
    try:
        same = content_hash(root / there[row["path"]].path) == row["sha256"]
    except OSError as error:
        return str(error.strerror)
    return None if same else "its content has changed since the split was planned"
