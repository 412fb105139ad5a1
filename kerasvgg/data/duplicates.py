"""Pictures that are there twice: the same file, or another one that shows the same."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kerasvgg.data.alike.alike import alike

if TYPE_CHECKING:
    from kerasvgg.data.split import Picture


class Double(NamedTuple):
    """Two pictures that are one; `likeness` is 1 for the same file."""

    first: "Picture"
    second: "Picture"
    likeness: float = 1.0
    mirrored: bool = False


def exact(pictures: Sequence["Picture"], across: bool = False) -> list[Double]:
    """Returns each picture whose file is there before, with that one; `across`: with one in another part of the split.

    Pictures come in their order.
    """
    before: defaultdict[str, list[Picture]] = defaultdict(list)
    found = []
    for picture in pictures:
        others = (other for other in before[picture.sha256] if not across or other.split != picture.split)
        if other := next(others, None):
            found.append(Double(other, picture))
        before[picture.sha256].append(picture)
    return found


def near(pictures: Sequence["Picture"], across: bool = False) -> list[Double]:
    """Returns the pairs of different files that show the same; `across`: only those of different parts of the split.

    Of equal files the first is looked at, or the first in each part.
    """
    distinct = list({(picture.sha256, picture.split if across else ""): picture for picture in pictures[::-1]}.values())
    distinct.reverse()
    parts = [picture.split for picture in distinct] if across else None
    found = alike([picture.thumbnail for picture in distinct], parts)
    pairs = ((distinct[one.first], distinct[one.second], one) for one in found)
    return [
        Double(first, second, one.likeness, one.mirrored)
        for first, second, one in pairs
        if first.sha256 != second.sha256
    ]
