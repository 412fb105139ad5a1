"""Rows of CSV that come back as they were."""

import csv
from collections.abc import Iterable, Sequence
from typing import TextIO


def write_rows(file: TextIO, rows: Iterable[Sequence[str]]) -> None:
    """Writes rows that end in a line feed; where a field holds a carriage return, all of its row is quoted.

    Before Python 3.13, csv leaves a carriage return bare and its reader takes it for the row's end.
    """
    plain = csv.writer(file, lineterminator="\n")
    quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in rows:
        (quoting if any("\r" in field for field in row) else plain).writerow(row)
