"""A CSV file that says the class of each picture, and perhaps its part of the split and its group."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from kerasvgg.data.folder.named_files import NamedFiles
from kerasvgg.data.picture import SPLITS, UNWRITABLE
from kerasvgg.data.targets import JOINT, classes_of, joined_classes
from kerasvgg.errors import DataError, brief, did_you_mean
from kerasvgg.files.reading import read_bytes
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say

LABELS = "labels.csv"  # what it is called where nobody says which it is
LARGEST = 64_000_000  # bytes, some million pictures
MOST_NAMED = 10
COLUMNS = {"path": ("id", "filename", "file", "image"), "class": ("label", "category"), "split": (), "group": ()}
BESIDE_PATH = tuple(COLUMNS)[1:]
Columns = dict[str, int]


class Labelled(NamedTuple):
    """A picture's file, its class or several joined by |, its part of the split if the CSV has one, and its group.

    The group is "" for none, and so is the label where others have several classes.
    """

    place: str
    label: str
    split: str | None
    group: str


def read_labels(file: Path, files: NamedFiles) -> list[Labelled]:
    """Returns what the CSV file says of the files that it names, each once.

    Said on stderr is which columns it took and, of a multi-label one, how many have several classes and none.

    Raises one DataError, with file:line, for all rows that are wrong: whose file is missing or lies outside, without
    a class where none has several, without a split where others have one, or that contradict an earlier row.
    """
    rows = _rows(file, _text(file))
    first, header = next(rows, (1, []))
    columns = _columns(file, first, header)
    known: dict[str, tuple[int, Labelled]] = {}
    mistakes: list[tuple[int, str]] = []
    for line, fields in rows:
        try:
            one = _labelled(fields, columns, len(header), files)
        except DataError as error:
            mistakes.append((line, str(error)))
            continue
        before = known.setdefault(one.place, (line, one))
        if before[1] != one:
            mistakes.append((line, _contradiction(one, *before)))
    found = [one for _, one in known.values()]
    if not is_multi_label(found):
        told = "`class` must be said, received ''"
        mistakes += [(line, told) for line, one in known.values() if not one.label]
    if any(one.split for one in found):
        told = "`split` must be said in each row or in none, received nothing"
        mistakes += [(line, told) for line, one in known.values() if not one.split]
    if mistakes:
        raise DataError(_listed(file, sorted(mistakes)))
    if is_multi_label(found):
        several, none = sum(JOINT in one.label for one in found), sum(not one.label for one in found)
        say(f"multi-label: of {len(found):,} pictures {several:,} have several classes, {none:,} have none")
    return found


def is_multi_label(rows: Iterable[Labelled]) -> bool:
    """Tells whether a picture has several classes, so that any may have several or none."""
    return any(JOINT in row.label for row in rows)


def _text(file: Path) -> str:
    content = read_bytes(file, LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = 1 + error.object.count(b"\n", 0, error.start)
        raise DataError(
            f"{escape(file)}:{line}: must be UTF-8, received the byte 0x{error.object[error.start]:02x}"
        ) from None
    if "\0" in text:
        line = 1 + text.count("\n", 0, text.index("\0"))
        raise DataError(f"{escape(file)}:{line}: must be text, received a NUL character")
    return text


def _rows(file: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Yields the rows that are not blank, with the line that each begins on."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for fields in reader:
            if fields:
                yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{escape(file)}:{line}: can't be read as CSV: {error}") from None


def _columns(file: Path, line: int, header: Sequence[str]) -> Columns:
    """Returns where the columns are; another name is taken for one that is not there."""
    where = f"{escape(file)}:{line}"
    names = [name.strip().lower() for name in header]
    found: Columns = {}
    for column, others in COLUMNS.items():
        taken = [name for name in names if name == column] or [name for name in names if name in others]
        if len(taken) > 1:
            raise DataError(f"{where}: must have one column `{column}`, received {', '.join(taken)}")
        if others and not taken:
            allowed = f"`{column}` (or {', '.join(others)})"
            raise DataError(f"{where}: must have a column {allowed} between commas, received {brief(','.join(header))}")
        if taken:
            found[column] = names.index(taken[0])
    taken_for = [f"`{names[place]}` is taken for {column}" for column, place in found.items() if names[place] != column]
    ignored = [f"`{name}`" for place, name in enumerate(names) if place not in found.values()]
    remarks = taken_for + ([f"not read: {', '.join(ignored)}"] if ignored else [])
    say(f"classes from {escape(file)}{escape(': ' + '; '.join(remarks)) if remarks else ''}")
    return found


def _labelled(fields: Sequence[str], columns: Columns, width: int, files: NamedFiles) -> Labelled:
    if len(fields) != width:
        raise DataError(f"must have {width} fields like the first row, received {len(fields)}")
    label, split, group = (fields[columns[name]].strip() if name in columns else "" for name in BESIDE_PATH)
    for name, value in zip(BESIDE_PATH, (label, split, group), strict=True):
        if value.startswith('"'):
            raise DataError(f"`{name}` must have its quotes right behind the comma, received {brief(value)}")
    if reason := _why_no_class(label):
        raise DataError(f"`class` must {reason}, received {brief(label)}")
    if split and split.lower() not in SPLITS:
        question = did_you_mean(split, SPLITS)
        raise DataError(f"`split` must be train, validation or test, received {brief(split)}{question}")
    return Labelled(files.find(fields[columns["path"]]), _in_order(label), SPLITS.get(split.lower()), group)


def _in_order(label: str) -> str:
    return joined_classes(name.strip() for name in classes_of(label))


@lru_cache
def _why_no_class(label: str) -> str:
    names = [name.strip() for name in classes_of(label)]
    if "" in names:
        return f"have a name on both sides of each {JOINT}"
    if len(set(names)) < len(names):
        return "name each class once"
    if any("/" in name or name[0] == "." for name in names):
        return "be a name that a folder can have, without a slash and with no dot in front"
    return "have no control characters" if UNWRITABLE.search(label) else ""


def _contradiction(one: Labelled, line: int, before: Labelled) -> str:
    names = zip(("class", "split", "group"), one[1:], before[1:], strict=True)
    what, now, then = next(values for values in names if values[1] != values[2])
    return f"`{escape(one.place)}` must have one {what}, received {brief(now)} here and {brief(then)} on line {line}"


def _listed(file: Path, mistakes: Sequence[tuple[int, str]]) -> str:
    lines = [f"{escape(file)}:{line}: {text}" for line, text in mistakes[:MOST_NAMED]]
    more = len(mistakes) - MOST_NAMED
    return "\n".join(lines + ([f"and {more:,} more such rows"] if more > 0 else []))
