"""Findings about folders and names: classes, file names, and what is no picture."""

import os
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from math import log2
from pathlib import Path

from kerasvgg.files.text import escape
from kerasvgg.quality.kinds import Finding
from kerasvgg.quality.survey import Survey, Surveyed

FEWEST = 10  # pictures of a class
UNBALANCED = 3  # times the smallest class
GAIN = 0.2  # of all pictures, that are guessed right by format or size in addition to those that the largest class has


def classes(survey: Survey) -> Iterator[Finding]:
    """Yields what is wrong with the classes as a whole."""
    counts = survey.counts
    if not counts:
        yield Finding("no-pictures", (), "there is no picture in a class")
        return
    if len(counts) == 1:
        yield Finding("one-class", tuple(counts))
    for part in survey.parts:
        if missing := tuple(label for label in counts if not counts[label][part]):
            yield Finding("classes-differ", missing, f"not in {part}")
    yield from _small(survey)
    most, least = (choose(counts, key=lambda label: counts[label][""]) for choose in (max, min))
    if counts[most][""] > UNBALANCED * counts[least][""]:
        yield Finding("unbalanced", (most, least), f"{counts[most]['']:,} {most}, {counts[least]['']:,} {least}")
    yield from _given_away(survey)


def _small(survey: Survey) -> Iterator[Finding]:
    for label, counts in survey.counts.items():
        few = [(part, count) for part, count in counts.items() if 0 < count < FEWEST]
        if few:
            where = ", ".join(f"{count} in {part or 'all'}" for part, count in few)
            yield Finding("small-class", (label,), where)


def _given_away(survey: Survey) -> Iterator[Finding]:
    told: tuple[tuple[str, Callable[[Surveyed], Hashable]], ...] = (
        ("format-tells-class", lambda one: one.facts.format),
        ("size-tells-class", lambda one: tuple(round(2 * log2(side)) for side in one.size)),
    )
    for kind, seen in told:
        labels: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
        for one in survey.surveyed:
            labels[seen(one)][one.picture.label] += 1
        right = sum(max(found.values()) for found in labels.values() if found.total() >= FEWEST)
        alone = max(counts[""] for counts in survey.counts.values())
        if right - alone > GAIN * len(survey.surveyed):
            share = right / len(survey.surveyed)
            yield Finding(kind, (), f"{share:.0%} of the classes are guessed right by it")


def names(survey: Survey) -> Iterator[Finding]:
    """Yields what is odd about the names of pictures and classes, and links that lead outside of the folder."""
    inside = Path(os.path.realpath(survey.root))
    same: defaultdict[str, list[str]] = defaultdict(list)
    for one in survey.pictures:
        same[unicodedata.normalize("NFC", one.path).casefold()].append(one.path)
        name = one.path.rpartition("/")[2]
        if escape(name) != name:
            yield Finding("odd-name", (one.path,))
        path = survey.root / one.path
        if path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside):
            yield Finding("link-outside", (one.path,), f"to {os.path.realpath(path)}")
    classes = _alike(survey.counts)
    for group in classes:
        yield Finding("class-names-alike", tuple(group))
    for paths in same.values():
        if len(paths) > 1 and len({path.rpartition("/")[0] for path in paths}) == 1:
            yield Finding("names-differ-in-case", tuple(paths))


def _alike(labels: "dict[str, dict[str, int]]") -> list[list[str]]:
    same: defaultdict[str, list[str]] = defaultdict(list)
    for label in labels:
        same["".join(unicodedata.normalize("NFKC", label).casefold().split())].append(label)
    return [group for group in same.values() if len(group) > 1]


# The first words that a reason has decide.
REASONS = (
    ("hidden", "hidden"),
    ("the file is empty", "empty-file"),
    ("a link that leads nowhere", "dead-link"),
    ("a link to a folder", "link-to-folder"),
    ("not a plain file", "not-a-file"),
    ("a folder with nothing in it", "empty-folder"),
    ("a class without a picture", "empty-class"),
    ("not in a class folder", "outside-classes"),
    ("beside the folders of the split", "outside-classes"),
    ("no class before its first dot", "outside-classes"),
    ("truncated", "truncated"),
    ("Truncated", "truncated"),
    ("end of file", "truncated"),
    ("a damaged", "damaged"),
    ("its head is damaged", "damaged"),
    ("pixels", "too-many-pixels"),
    ("no agreed black", "no-agreed-black"),
    *((f"looks like {name}", "unknown-format") for name in ("HEIC", "AVIF", "JPEG 2000", "SVG", "XML", "an icon")),
    *((f"looks like {name}", "unknown-format") for name in ("PDF", "PostScript", "Photoshop")),
    ("not a picture", "not-a-picture"),
)


def left_out(survey: Survey) -> Iterator[Finding]:
    """Yields a finding for each entry that is left out."""
    classes_lie = 1 if survey.parts else 0  # folders deep
    for path, reason in survey.left_out:
        kind = next((kind for words, kind in REASONS if words in reason), "unreadable")
        if kind == "empty-folder" and path.count("/") == classes_lie:
            kind = "empty-class"
        yield Finding(kind, (path,), reason)
