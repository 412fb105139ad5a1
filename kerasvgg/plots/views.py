"""Augmented views of a picture, beside the picture as it is."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasvgg.plots.tiles import draw_tiles

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
