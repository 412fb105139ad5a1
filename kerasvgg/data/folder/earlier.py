"""Pictures that an earlier split has divided: by their content, wherever they lie and whatever they are called now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kerasvgg.data.picture import Picture
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape, printable
from kerasvgg.process.progress import say, warn

PARTS = ("test", "train", "validation")  # what is in two of them belongs to the first: nothing tested is trained on
MOST_NAMED = 10


def first_part(parts: Iterable[str]) -> str:
    """Returns the part that what is in several belongs to."""
    return min(parts, key=PARTS.index)


def with_earlier_parts(root: Path, pictures: Sequence[Picture], rows: Sequence[Mapping[str, str]]) -> list[Picture]:
    """Returns the pictures with the part that the rows of a split.csv have for their content, "" for new ones.

    How many are new or gone is said on stderr, and whose class is another one now. Raises DataError where none is
    known, or a part is none.
    """
    known = _by_content(rows)
    found = [replace(one, split=_part(one, known.get(one.sha256, ()))) for one in pictures]
    new = sum(not one.split for one in found)
    if new == len(found):
        raise DataError(f"`{escape(root)}` must have pictures of the earlier split, received none with their content")
    there = {one.sha256 for one in found}
    gone = sum(len(some) for content, some in known.items() if content not in there)
    say(escape(f"{root}: {len(found) - new:,} pictures are known, {new:,} are new, {gone:,} known ones are gone"))
    _tell_classes(found, known)
    return found


def _by_content(rows: Sequence[Mapping[str, str]]) -> dict[str, list[Mapping[str, str]]]:
    known = defaultdict(list)
    for row in rows:
        if row["split"] not in PARTS:
            raise DataError(f"`split` of {escape(row['path'])} must be {' or '.join(PARTS)}, received {row['split']!r}")
        known[row["sha256"]].append(row)
    return known


def _part(picture: Picture, rows: Sequence[Mapping[str, str]]) -> str:
    """Returns the part of a content; where that was in several parts, the one that it had by this path."""
    by_path = [row["split"] for row in rows if row["path"] == printable(picture.path)]
    parts = by_path or [row["split"] for row in rows]
    return first_part(parts) if parts else ""


def _tell_classes(pictures: Sequence[Picture], known: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
    before = ((one, [row["class"] for row in known.get(one.sha256, ())]) for one in pictures)
    other = [(one, classes[0]) for one, classes in before if classes and printable(one.label) not in classes]
    for one, label in other[:MOST_NAMED]:
        warn(escape(f"another class than before: {one.path} is {one.label}, and was {label}"))
    if len(other) > MOST_NAMED:
        warn(f"another class than before: {len(other) - MOST_NAMED:,} more")
