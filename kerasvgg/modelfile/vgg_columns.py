"""The columns of VGG (Simonyan and Zisserman 2014, table 1), known by their convolutions."""

from collections.abc import Sequence

from kerasvgg.models.vgg import COLUMNS, FILTERS, KERNELS

Convolution = tuple[int, int]  # side of the kernel, filters
CONVOLUTIONS: dict[str, list[Convolution]] = {
    column: [(side, filters) for filters, sides in zip(FILTERS, KERNELS[name], strict=True) for side in sides]
    for column, name in COLUMNS.items()
}


def vgg_column(convolutions: Sequence[Convolution]) -> tuple[str, int] | None:
    """Returns the column that these convolutions are, and where in them it begins; None where they are none.

    One in front of it, such as kerasvgg's preprocessing, and others behind it, are allowed.
    """
    for name, column in CONVOLUTIONS.items():
        for start in (0, 1):
            found = list(convolutions[start : start + len(column)])
            behind = list(convolutions[start + len(column) :][:1])
            if found == column and behind != [(3, FILTERS[-1])]:
                return name, start
    return None


def blocks_of(column: str) -> list[str]:
    """Returns the block of each convolution, block1 to block5."""
    return [f"block{block}" for block, sides in enumerate(KERNELS[COLUMNS[column]], start=1) for _ in sides]
