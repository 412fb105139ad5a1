"""split.csv: which picture is in which class and split, with the SHA-256 of its content."""

import io
from pathlib import Path

from kerasvgg.atomic import write_text
from kerasvgg.csv_rows import write_rows
from kerasvgg.data.split import Picture

COLUMNS = ("path", "class", "split", "sha256")


def write_manifest(path: Path, pictures: tuple[Picture, ...]) -> None:
    """Writes one line per picture, in the given order."""
    write_text(path, manifest_text(pictures))


def manifest_text(pictures: tuple[Picture, ...]) -> str:
    """Returns the manifest as CSV text; a name that is not UTF-8 is written as Python shows it."""
    text = io.StringIO()
    write_rows(text, [COLUMNS])
    write_rows(text, ((printable(p.path), printable(p.label), p.split, p.sha256) for p in pictures))
    return text.getvalue()


def printable(name: str) -> str:
    """Returns the name with bytes that are not UTF-8 written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
