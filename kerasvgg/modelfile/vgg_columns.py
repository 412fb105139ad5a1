"""The columns of VGG (Simonyan and Zisserman 2014, table 1), known by their convolutions."""

from collections.abc import Sequence

from kerasvgg.models.vgg import FILTERS

Convolution = tuple[int, int]  # side of the kernel, filters
COUNTS = {"A": (1, 1, 2, 2, 2), "B": (2, 2, 2, 2, 2), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4)}


def _column(counts: Sequence[int]) -> list[Convolution]:
    return [(3, filters) for filters, count in zip(FILTERS, counts, strict=True) for _ in range(count)]


def _with_ones() -> list[Convolution]:
    """Column C: that of D, but the third convolution of blocks 3 to 5 is 1x1."""
    column = _column(COUNTS["D"])
    for place in (6, 9, 12):
        column[place] = (1, column[place][1])
    return column


COLUMNS = {name: _column(counts) for name, counts in COUNTS.items()} | {"C": _with_ones()}


def vgg_column(convolutions: Sequence[Convolution]) -> tuple[str, int] | None:
    """Returns the column that these convolutions are, and where in them it begins; None where they are none.

    One in front of it, such as kerasvgg's preprocessing, and others behind it, are allowed.
    """
    for name, column in COLUMNS.items():
        for start in (0, 1):
            found = list(convolutions[start : start + len(column)])
            behind = list(convolutions[start + len(column) :][:1])
            if found == column and behind != [(3, FILTERS[-1])]:
                return name, start
    return None


def blocks_of(column: str) -> list[str]:
    """Returns the block of each convolution, block1 to block5."""
    counts = COUNTS["D" if column == "C" else column]
    return [f"block{block}" for block, count in enumerate(counts, start=1) for _ in range(count)]
