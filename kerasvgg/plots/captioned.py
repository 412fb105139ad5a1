"""Pictures with a few lines of words below each, as a page."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.seen_picture import fitted
from kerasvgg.plots.sheet import HEAD, LINE, Sheet

COLUMNS = 6
TILE, GAP = 1.7, 0.16  # inches
LETTER = 0.071  # inches that one takes
NARROWEST = 4.6  # a sheet whose title has room


class Captioned(NamedTuple):
    """Pixels, uint8 (height, width, 3), None where the picture is no longer there; the first line is the darkest."""

    pixels: np.ndarray | None
    lines: Sequence[str]


def draw_captioned(
    pictures: Sequence[Captioned], path: Path, *, title: str = "", subtitle: str = "", dark: bool = False
) -> None:
    """Draws the pictures in rows, an empty box where one is missing. There must be at least one."""
    columns = min(COLUMNS, len(pictures))
    known = [one.pixels for one in pictures if one.pixels is not None]
    width, height = fitted(known[0], 0, 0, TILE)[2:] if known else (TILE, TILE)
    step = TILE + GAP, height + GAP + LINE * (max(len(one.lines) for one in pictures) + 0.3)
    rows = -(-len(pictures) // columns)
    with style(dark) as theme:
        sheet = Sheet(theme, max(NARROWEST, columns * step[0]), HEAD + rows * step[1])
        sheet.head(title, subtitle)
        for number, one in enumerate(pictures):
            row, column = divmod(number, columns)
            _draw_one(sheet, one, (column * step[0], HEAD + row * step[1], width, height))
        sheet.save(path)


def _draw_one(sheet: Sheet, one: Captioned, place: tuple[float, float, float, float]) -> None:
    x, y, _, height = place
    if one.pixels is None:
        sheet.dead(place)
    else:
        sheet.picture(place, one.pixels)
    for number, line in enumerate(one.lines):
        words = shortened(line, int((TILE + GAP) / LETTER))
        sheet.text(x, y + height + LINE * (number + 0.7), words, size=8, quiet=number > 0)
