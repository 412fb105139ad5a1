"""The check that a split's parts have no picture in common, before anything is trained on it."""

from collections.abc import Sequence

from kerasvgg.data.duplicates import Double, exact, near
from kerasvgg.data.shown import shown
from kerasvgg.data.split import Picture, Split
from kerasvgg.errors import DataError

NAMED = 10  # pairs in a message
NEAR_NAMED = 3
MOST = 50_000  # pictures; near duplicates among more would take longer to find than is worth while here


def leaks(split: Split, accept: bool = False) -> list[str]:
    """Returns a line about the same files in different parts, and one about different files that show the same.

    Raises DataError for the same files, unless they are accepted.
    """
    same = exact(split.pictures, across=True)
    if same and not accept:
        raise DataError(
            f"`{shown(split.root)}` must be split into parts without the same pictures; received "
            f"{_count(len(same), 'picture')} that an earlier part has too: {_listed(same, NAMED)}. Remove them, keep "
            "them in one part with `data.split.keep_together: true`, or say `data.accept_duplicates: true`"
        )
    lines = [f"accepted: {_count(len(same), 'picture')} in two parts of the split: {_listed(same, 3)}"] if same else []
    alike = near(split.pictures, across=True) if len(split.pictures) <= MOST else []
    if alike:
        lines.append(
            f"warning: {_count(len(alike), 'pair')} of pictures that show the same in different parts of the split, "
            f"so that figures may be too good: {_listed(alike, NEAR_NAMED)}. `kerasvgg check` shows them; "
            "`data.split.keep_together: true` keeps such pictures in one part"
        )
    return lines


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number > 1)}"


def _listed(doubles: Sequence[Double], most: int) -> str:
    pairs = [
        f"{_place(one.first)} {'=' if one.first.sha256 == one.second.sha256 else '~'} {_place(one.second)}"
        for one in doubles[:most]
    ]
    more = f" and {len(doubles) - most:,} more" if len(doubles) > most else ""
    return "; ".join(pairs) + more


def _place(picture: Picture) -> str:
    return shown(f"{picture.split}: {picture.path}")
