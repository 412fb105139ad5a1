"""split.csv: which picture is in which class and split, with the SHA-256 of its content."""

import csv
import io
from pathlib import Path, PurePosixPath

from kerasvgg.atomic import write_text
from kerasvgg.csv_rows import write_rows
from kerasvgg.data.small_text import read_small
from kerasvgg.data.split import Picture
from kerasvgg.errors import DataError

COLUMNS = ("path", "class", "split", "sha256")
LARGEST = 500_000_000  # bytes, some four million pictures
Row = dict[str, str]


def write_manifest(path: Path, pictures: tuple[Picture, ...]) -> None:
    """Writes one line per picture, in the given order."""
    write_text(path, manifest_text(pictures))


def manifest_text(pictures: tuple[Picture, ...]) -> str:
    """Returns the manifest as CSV text; a name that is not UTF-8 is written as Python shows it."""
    text = io.StringIO()
    write_rows(text, [COLUMNS])
    write_rows(text, ((printable(p.path), printable(p.label), p.split, p.sha256) for p in pictures))
    return text.getvalue()


def read_manifest(manifest: Path) -> list[Row]:
    """Returns the lines. Raises DataError for a manifest that is missing, damaged, or names paths outside."""
    try:
        rows = list(csv.DictReader(io.StringIO(read_small(manifest, LARGEST), newline="")))
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


def printable(name: str) -> str:
    """Returns the name with bytes that are not UTF-8 written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
