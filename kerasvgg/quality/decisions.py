"""What a person has decided about pictures that a check has found: a CSV file, and the moves that follow from it."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path

from kerasvgg.data.folder.scan import ScannedFile, Source
from kerasvgg.errors import DataError, did_you_mean
from kerasvgg.files.reading import read_small
from kerasvgg.files.text import escape, printable, write_rows

COLUMNS = ("path", "decision", "class")
KEEP, MOVE, ASIDE = "keep", "move", "aside"
DECISIONS = KEEP, MOVE, ASIDE
LARGEST = 100_000_000  # bytes
MOST = 20  # mistakes that are told


@dataclass(frozen=True)
class Decision:
    """`path` is from the checked folder; `label` is the class to move to, "" where it is kept or put aside."""

    path: str
    decision: str
    label: str = ""


@dataclass(frozen=True)
class Move:
    """A file's way, both ends from the checked folder; `aside` files leave it for the folder beside it."""

    path: str
    to: str
    aside: bool


def decisions_text(decisions: Iterable[Decision]) -> str:
    """Returns decisions as the CSV file that `read_decisions` reads."""
    text = StringIO()
    write_rows(text, [COLUMNS])
    write_rows(text, ((one.path, one.decision, one.label) for one in decisions))
    return text.getvalue()


def read_decisions(file: Path, source: Source, moved: Collection[str] = ()) -> list[Decision]:
    """Returns the decisions about a folder's files. Raises one DataError for all that is wrong, each with its line.

    A picture is named once; the class is one that the folder has. Files may be named that were `moved` before.
    """
    rows = csv.reader(StringIO(read_small(file, LARGEST), newline=""))
    try:
        header = next(rows, [])
        lines = [(rows.line_num, row) for row in rows if row]
    except csv.Error as error:
        raise DataError(f"`{file}` can't be read: {error}") from error
    if tuple(header) != COLUMNS:
        raise DataError(f"{file}:1: must have the columns {', '.join(COLUMNS)}; received {', '.join(header) or 'none'}")
    known = {printable(one.path): one for one in source.files}
    seen: dict[str, int] = {}
    look = partial(_why_wrong, known=known, moved=moved, source=source)
    wrong = [f"{file}:{line}: {why}" for line, row in lines if (why := look(row) or _why_again(row, line, seen))]
    if wrong:
        more = f"\nand {len(wrong) - MOST:,} more" if len(wrong) > MOST else ""
        raise DataError(escape_lines(wrong[:MOST]) + more)
    return [Decision(*row) for _, row in lines]


def escape_lines(lines: Iterable[str]) -> str:
    """Returns lines, each fit for a terminal."""
    return "\n".join(escape(line) for line in lines)


def _why_again(row: Sequence[str], line: int, seen: dict[str, int]) -> str:
    before = seen.setdefault(row[0], line)
    return f"{row[0]!r} was decided about in line {before} already" if before != line else ""


def _why_wrong(row: Sequence[str], known: Mapping[str, ScannedFile], moved: Collection[str], source: Source) -> str:
    if len(row) != len(COLUMNS):
        return f"must have {len(COLUMNS)} cells, received {len(row)}"
    path, decision, label = row
    if decision not in DECISIONS:
        return f"`decision` must be {', '.join(DECISIONS)}; received {decision!r}{did_you_mean(decision, DECISIONS)}"
    if path not in known and path not in moved:
        return f"`path` must be a file of the folder, received {path!r}{did_you_mean(path, known)}"
    if source.by_csv and decision != KEEP:
        return f"a CSV file names {path!r} and says its class: change it there"
    if decision != MOVE:
        return f"`class` must be empty for {decision}, received {label!r}" if label else ""
    allowed = ", ".join(source.classes[:20])
    near = did_you_mean(label, source.classes)
    wrong = f"`class` must be one of {allowed} for a file that is moved; received {label!r}{near}"
    return "" if label in source.classes else wrong


def moves(decisions: Iterable[Decision], source: Source) -> Iterator[Move]:
    """Yields a move for each file that is not where its decision wants it.

    In class folders a file goes into another one, in a flat folder it gets the other class in front of its first dot.
    """
    files = {printable(one.path): one for one in source.files}
    for one in decisions:
        file = files.get(one.path)
        if file is None or one.decision == KEEP:
            continue
        if one.decision == ASIDE:
            yield Move(file.path, file.path, aside=True)
        elif file.label != one.label:
            yield Move(file.path, _in_class(file, one.label), aside=False)


def _in_class(file: ScannedFile, label: str) -> str:
    """Returns what the file is called in another class, "" where its class does not follow from its place."""
    folder = f"{file.label}/{file.place}"
    if file.path == folder or file.path.endswith(f"/{folder}"):
        return f"{file.path.removesuffix(folder)}{label}/{file.place}"
    if file.path == file.place and "/" not in file.path and file.path.startswith(f"{file.label}."):
        return label + file.path.removeprefix(file.label)
    return ""
