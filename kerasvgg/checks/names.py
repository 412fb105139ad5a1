"""Findings about names and links."""

import os
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from kerasvgg.checks.kinds import Finding
from kerasvgg.checks.survey import Survey
from kerasvgg.data.shown import shown


def names(survey: Survey) -> Iterator[Finding]:
    """Yields what is odd about the names of pictures and classes, and links that lead outside of the folder."""
    inside = Path(os.path.realpath(survey.root))
    same: defaultdict[str, list[str]] = defaultdict(list)
    for one in survey.pictures:
        same[unicodedata.normalize("NFC", one.path).casefold()].append(one.path)
        name = one.path.rpartition("/")[2]
        if shown(name) != name:
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
