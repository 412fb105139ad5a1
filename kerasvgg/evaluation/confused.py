"""Which classes are taken for which."""

from collections.abc import Sequence
from typing import TypedDict

MOST = 10


class Confused(TypedDict):
    """So many pictures of `true` were called `predicted`; `share` of the class's pictures, 0 to 1."""

    true: str
    predicted: str
    count: int
    share: float


def most_confused(class_names: Sequence[str], confusion: Sequence[Sequence[int]], most: int = MOST) -> list[Confused]:
    """Returns the most frequent mistakes, the most frequent first; equal counts by the higher share."""
    found: list[Confused] = [
        {"true": true, "predicted": predicted, "count": count, "share": count / sum(row)}
        for true, row in zip(class_names, confusion, strict=True)
        for predicted, count in zip(class_names, row, strict=True)
        if count and true != predicted
    ]
    return sorted(found, key=lambda one: (-one["count"], -one["share"]))[:most]
