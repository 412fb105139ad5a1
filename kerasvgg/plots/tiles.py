"""Many small pictures side by side: filters, kernels, augmented views."""

from collections.abc import Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.sheet import HEAD, LINE, Sheet, fitted

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


def draw_kernels(
    kernels: np.ndarray, path: Path, *, title: str = "", about: str = "", common_scale: bool = False, dark: bool = False
) -> None:
    """Draws kernels (filters, height, width, channels), red first: 0 is gray, weights above it are lighter.

    Each is on its own scale, so that its pattern is seen, or all are on that of the largest weight.
    """
    axes = None if common_scale else (1, 2, 3)
    largest = np.abs(kernels).max(axis=axes, keepdims=True)
    colours = np.broadcast_to(0.5 + kernels / (2 * np.maximum(largest, 1e-12)), (*kernels.shape[:3], 3))
    count, height, width = kernels.shape[:3]
    scale = "one scale for all" if common_scale else "each on its own scale"
    words = f"{count} kernels of {height} x {width}: gray is 0; {scale}"
    subtitle = ": ".join(filter(None, (about, words)))
    draw_tiles(list(colours), list(map(str, range(count))), path, title=title, subtitle=subtitle, tile=0.8, dark=dark)


COLUMNS = 6


def draw_views(
    image: np.ndarray,
    views: Mapping[str, np.ndarray],
    path: Path,
    *,
    title: str = "",
    about: str = "",
    dark: bool = False,
) -> None:
    """Draws the picture uint8 (height, width, 3), and views of it (n, height, width, 3), 0..255, by engine.

    Of two engines, a row of the one stands above a row of the other, and the subtitle says how far they differ.
    """
    rows = {name: [image / 255, *np.clip(some / 255, 0, 1)] for name, some in views.items()}
    count = max(map(len, rows.values()))
    columns = min(COLUMNS, count)
    pictures: list[np.ndarray | None] = []
    names: list[str] = []
    for start in range(0, count, columns):
        for engine, row in rows.items():
            shown = range(start, min(start + columns, count))
            missing = columns - len(shown)  # the next engine begins a row of its own
            pictures += [*(row[i] for i in shown), *[None] * missing]
            names += [*(_name(i, engine if len(rows) > 1 else "") for i in shown), *[""] * missing]
    about = "; ".join(filter(None, (about, _difference(list(views.values())))))
    draw_tiles(pictures, names, path, title=title, subtitle=about, columns=columns, tile=1.6, dark=dark)


def _name(number: int, engine: str) -> str:
    if not number:
        return "as it is"
    return f"{engine}: {number}" if engine else f"view {number}"


def _difference(views: list[np.ndarray]) -> str:
    if len(views) < 2:
        return ""
    return f"the engines differ by at most {max(float(np.abs(one - views[0]).max()) for one in views[1:]):.2g} of 255"
