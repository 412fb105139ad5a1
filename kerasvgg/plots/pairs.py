"""Pictures side by side with what they are like."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.seen_picture import fitted
from kerasvgg.plots.sheet import HEAD, LINE, Sheet

COLUMNS = 3
SIDE, INNER, GAP = 1.55, 0.06, 0.3  # inches
LONGEST = 46  # letters below a pair


class Pair(NamedTuple):
    """Two pictures, uint8 (height, width, 3), None for one that is gone; the first line of words is the darkest."""

    first: np.ndarray | None
    second: np.ndarray | None
    lines: Sequence[str]


def draw_pairs(pairs: Sequence[Pair], path: Path, *, title: str = "", subtitle: str = "", dark: bool = False) -> None:
    """Draws the pairs in rows, each picture with its own aspect ratio. There must be at least one."""
    columns = min(COLUMNS, len(pairs))
    width, height = 2 * SIDE + INNER + GAP, SIDE + LINE * (0.7 + max(len(one.lines) for one in pairs)) + GAP / 2
    with style(dark) as theme:
        sheet = Sheet(theme, max(6.0, columns * width), HEAD + -(-len(pairs) // columns) * height)
        sheet.head(title, subtitle)
        for number, pair in enumerate(pairs):
            row, column = divmod(number, columns)
            x, y = column * width, HEAD + row * height
            for picture, left in ((pair.first, x), (pair.second, x + SIDE + INNER)):
                _draw(sheet, picture, left, y)
            for line, words in enumerate(pair.lines):
                sheet.text(x, y + SIDE + LINE * (line + 0.7), shortened(words, LONGEST), size=8, quiet=line > 0)
        sheet.save(path)


def _draw(sheet: Sheet, picture: np.ndarray | None, x: float, y: float) -> None:
    if picture is None:
        sheet.dead((x, y, SIDE, SIDE))
        return
    _, _, width, height = fitted(picture, 0, 0, SIDE)
    sheet.picture((x, y + SIDE - height, width, height), picture)
