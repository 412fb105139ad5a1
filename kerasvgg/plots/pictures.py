"""Sheets of pictures with captions: mistakes, and pairs that show the same."""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np

from kerasvgg.evaluation.mistakes import worst_mistakes
from kerasvgg.evaluation.predictions import NO_CLASS, Prediction
from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.sheet import HEAD, LINE, Sheet, fitted

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


MOST = 24
Show = Callable[[str], np.ndarray | None]


def draw_mistakes(
    predictions: Sequence[Prediction],
    show: Show,
    path: Path,
    *,
    title: str = "",
    dark: bool = False,
    class_names: Sequence[str] | None = None,
) -> bool:
    """Draws the worst mistakes with their names, true and predicted classes; tells whether there was one to draw.

    `show` returns the pixels of a prediction's path, uint8 (height, width, 3), or None. `class_names` are given where
    pictures have several classes (see `worst_mistakes`).
    """
    wrong = worst_mistakes(predictions, class_names=class_names)
    if not wrong:
        return False
    shown = [Captioned(show(one.path), _lines(one, bool(class_names))) for one in wrong[:MOST]]
    what, worst = "were taken for another class", "most confident"
    if class_names:
        what, worst = "have a class too many or too few", "most surprising"
    count = f"{len(wrong):,} of {len(predictions):,} pictures {what}"
    more = f"the {worst} first" if len(wrong) <= MOST else f"these are the {MOST} {worst}"
    draw_captioned(shown, path, title=title, subtitle=f"{count}; {more}", dark=dark)
    return True


def _lines(one: Prediction, multi_label: bool) -> tuple[str, ...]:
    said = f"said {one.predicted} {100 * max(one.probabilities):.1f}%"
    if multi_label:
        said = f"said {one.predicted or NO_CLASS}"
    return said, f"is {one.true or NO_CLASS}", PurePosixPath(one.path).name


PAIR_COLUMNS = 3
SIDE, INNER, PAIR_GAP = 1.55, 0.06, 0.3  # inches
LONGEST = 46  # letters below a pair


class Pair(NamedTuple):
    """Two pictures, uint8 (height, width, 3), None for one that is gone; the first line of words is the darkest."""

    first: np.ndarray | None
    second: np.ndarray | None
    lines: Sequence[str]


def draw_pairs(pairs: Sequence[Pair], path: Path, *, title: str = "", subtitle: str = "", dark: bool = False) -> None:
    """Draws the pairs in rows, each picture with its own aspect ratio. There must be at least one."""
    columns = min(PAIR_COLUMNS, len(pairs))
    width, height = (
        2 * SIDE + INNER + PAIR_GAP,
        SIDE + LINE * (0.7 + max(len(one.lines) for one in pairs)) + PAIR_GAP / 2,
    )
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
