"""Rows and names as text: CSV, and names of strangers made fit for a terminal."""

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import TextIO

NO_BYTES = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # surrogates that Python has for no byte


def printable(name: str) -> str:
    """Returns the name with bytes that are not UTF-8 written as \\xNN, and what is no character at all as U+FFFD."""
    return NO_BYTES.sub("\ufffd", name).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


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
    text = printable(str(name))
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
