"""Pictures of one size as a grid, a word below each."""

from collections.abc import Sequence
from math import ceil, sqrt
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.seen_picture import fitted
from kerasvgg.plots.sheet import HEAD, LINE, Sheet

GAP = 0.09  # inches
NARROWEST = 4.6  # a sheet whose title has room


def draw_tiles(
    pictures: Sequence[np.ndarray | None],
    names: Sequence[str],
    path: Path,
    *,
    title: str = "",
    subtitle: str = "",
    columns: int = 0,
    tile: float = 1.2,
    dark: bool = False,
) -> None:
    """Draws pictures (height, width, 3), uint8 or 0..1, where one is None a gap; `tile` is one's longer side in inches.

    Without `columns` the grid is as wide as high.
    """
    columns = columns or ceil(sqrt(len(pictures)))
    width, height = fitted(next(one for one in pictures if one is not None), 0, 0, tile)[2:]
    step = width + GAP, height + GAP + LINE
    longest = max(3, int(width / 0.062))  # letters that have room below
    rows = ceil(len(pictures) / columns)
    with style(dark) as theme:
        sheet = Sheet(theme, max(NARROWEST, columns * step[0]), HEAD + rows * step[1])
        sheet.head(title, subtitle)
        for number, (picture, name) in enumerate(zip(pictures, names, strict=True)):
            if picture is None:
                continue
            row, column = divmod(number, columns)
            x, y = column * step[0], HEAD + row * step[1]
            sheet.picture((x, y, width, height), picture)
            sheet.text(
                x + width / 2, y + height + LINE * 0.55, shortened(name, longest), size=7, quiet=True, ha="center"
            )
        sheet.save(path)
