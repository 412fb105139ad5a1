"""Findings about copies and divided groups, and the check before a training that a split's parts share nothing."""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kerasvgg.data.duplicates.pairs import DuplicatePair, exact_duplicates, near_duplicates, torn_groups
from kerasvgg.data.folder.split import Split
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import decode
from kerasvgg.errors import DataError
from kerasvgg.files.text import escape
from kerasvgg.quality.kinds import KINDS, LEVELS, Finding
from kerasvgg.quality.survey import Survey

SURELY = 0.995  # likeness from which on two pictures of one size may have the same pixels
LARGEST = 1_000_000  # pixels that are compared where a thumbnail tells nothing


class Copy(NamedTuple):
    """Two pictures that are one, and what that is called."""

    double: DuplicatePair
    kind: str

    @property
    def finding(self) -> Finding:
        """What is to be said of it."""
        first, second, likeness, _ = self.double
        apart = (first.split, second.split), (first.label, second.label)
        words = [" and ".join(two) for two in apart if two[0] != two[1]]
        if first.sha256 != second.sha256 and not self.kind.startswith("same"):
            words.append(f"likeness {likeness:.3f}")
        return Finding(self.kind, (first.path, second.path), ", ".join(words))


def copies(survey: Survey) -> list[Copy]:
    """Returns the pairs of pictures that are one, the worst kind first; those alike are in the order of likeness."""
    found = [Copy(one, f"same-file{_where(one)}") for one in exact_duplicates(survey.pictures)]
    across = {
        frozenset((one.first.path, one.second.path)): one for one in exact_duplicates(survey.pictures, across=True)
    }
    known = {frozenset((one.double.first.path, one.double.second.path)) for one in found}
    found += [Copy(one, f"same-file{_where(one)}") for pair, one in across.items() if pair not in known]
    found += [*_near(survey), *_small(survey)]
    order = list(KINDS)
    level = {kind: LEVELS.index(KINDS[kind].level) for kind in order}
    return sorted(found, key=lambda one: (level[one.kind], order.index(one.kind), -one.double.likeness))


def divided_groups(survey: Survey) -> Iterator[Finding]:
    """Yields the groups that lie in several parts of the split."""
    for one in torn_groups(survey.pictures):
        words = f"group {one.first.group}, {one.first.split} and {one.second.split}"
        yield Finding("group-across-parts", (one.first.path, one.second.path), words)


def _near(survey: Survey) -> Iterator[Copy]:
    sizes = {one.picture.path: one.size for one in survey.surveyed}
    for one in near_duplicates(survey.pictures):
        size, other = sizes[one.first.path], sizes[one.second.path]
        same = not one.mirrored and one.likeness >= SURELY and size == other
        if same:
            first, second = (_pixels(survey, picture, size) for picture in (one.first, one.second))
            same = np.array_equal(first, second)
        yield Copy(one, f"{'same-pixels' if same else 'mirrored' if one.mirrored else 'alike'}{_where(one)}")


def _small(survey: Survey) -> Iterator[Copy]:
    """Yields pictures with the same pixels among those whose thumbnails tell nothing: of few pixels or one colour."""
    before: dict[bytes, Picture] = {}
    for one in survey.surveyed:
        if one.picture.thumbnail is None and one.size[0] * one.size[1] <= LARGEST:
            pixels = repr(one.size).encode() + _pixels(survey, one.picture, one.size).tobytes()
            earlier = before.setdefault(hashlib.sha256(pixels).digest(), one.picture)
            if earlier.sha256 != one.picture.sha256:
                double = DuplicatePair(earlier, one.picture)
                yield Copy(double, f"same-pixels{_where(double)}")


def _where(one: DuplicatePair) -> str:
    if one.first.split != one.second.split:
        return "-across-parts"
    return "-two-classes" if one.first.label != one.second.label else ""


def _pixels(survey: Survey, picture: Picture, size: tuple[int, int]) -> np.ndarray:
    try:
        return decode(survey.root / picture.path, size[::-1])
    except DataError:  # gone since it was looked at
        return np.frombuffer(picture.sha256.encode(), np.uint8)


NAMED = 10  # pairs in a message
NEAR_NAMED = 3


def leaks(split: Split, accept: bool = False) -> list[str]:
    """Returns lines about the same files and about groups in different parts, and about files that show the same.

    Raises DataError for the same files and for groups, unless they are accepted.
    """
    same, torn = exact_duplicates(split.pictures, across=True), torn_groups(split.pictures)
    if (same or torn) and not accept:
        raise DataError(_refused(split, same, torn))
    lines = [f"accepted: {_count(len(same), 'picture')} in two parts of the split: {_listed(same, 3)}"] if same else []
    lines += [f"accepted: {_count(len(torn), 'group')} in two parts of the split: {_groups(torn, 3)}"] if torn else []
    if alike := split.doubles:
        lines.append(
            f"warning: {_count(len(alike), 'pair')} of pictures that show the same in different parts of the split, "
            f"so that figures may be too good: {_listed(alike, NEAR_NAMED)}. `kerasvgg check` shows them; "
            "`data.split.keep_together: true` keeps such pictures in one part"
        )
    return lines


def _refused(split: Split, same: Sequence[DuplicatePair], torn: Sequence[DuplicatePair]) -> str:
    shared, received, mended = [], [], []
    if same:
        shared.append("pictures")
        received.append(f"{_count(len(same), 'picture')} that an earlier part has too: {_listed(same, NAMED)}")
        mended.append("Remove them, keep them in one part with `data.split.keep_together: true`")
    if torn:
        shared.append("groups")
        received.append(f"{_count(len(torn), 'group')} in two parts: {_groups(torn, NAMED)}")
        mended.append("Put each group into one part")
    return (
        f"`{escape(split.root)}` must be split into parts without the same {' and '.join(shared)}; received "
        f"{', and '.join(received)}. {'. '.join(mended)}, or say `data.accept_duplicates: true`"
    )


def _groups(torn: Sequence[DuplicatePair], most: int) -> str:
    named = [f"{escape(one.first.group)} ({_place(one.first)}, {_place(one.second)})" for one in torn[:most]]
    return "; ".join(named) + _more(len(torn) - most)


def _more(count: int) -> str:
    return f" and {count:,} more" if count > 0 else ""


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number > 1)}"


def _listed(doubles: Sequence[DuplicatePair], most: int) -> str:
    pairs = [
        f"{_place(one.first)} {'=' if one.first.sha256 == one.second.sha256 else '~'} {_place(one.second)}"
        for one in doubles[:most]
    ]
    return "; ".join(pairs) + _more(len(doubles) - most)


def _place(picture: Picture) -> str:
    return escape(f"{picture.split}: {picture.path}")
