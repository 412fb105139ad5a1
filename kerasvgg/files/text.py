"""Rows and names as text: CSV, and names of strangers made fit for a terminal."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TextIO


def printable(name: str) -> str:
    """Returns the name with bytes that are not UTF-8 written as \\xNN."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def write_rows(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    """Writes rows that end in a line feed; where a field holds a carriage return, all of its row is quoted.

    Before Python 3.13, csv leaves a carriage return bare and its reader takes it for the row's end.
    """
    plain = csv.writer(file, lineterminator="\n")
    quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        (quoting if any("\r" in field for field in row) else plain).writerow(row)


def escape(name: str | PurePath) -> str:
    """Returns the name in one line, with what is not UTF-8, can't be seen or would steer a terminal as escapes."""
    text = str(name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
