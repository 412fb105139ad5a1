"""One channel of every layer, as a picture goes through a model."""

from collections.abc import Mapping
from math import ceil
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.maps import draw_map, size_of
from kerasvgg.plots.seen_picture import SeenPicture, draw_picture, draw_prepared, fitted
from kerasvgg.plots.sheet import HEAD, LINE, Place, Sheet

COLUMNS = 6
TILE, GAP = 1.75, 0.2  # inches
LONGEST = 22


def draw_one_channel(
    outputs: Mapping[str, np.ndarray],
    channel: int,
    seen: SeenPicture,
    path: Path,
    *,
    title: str = "",
    dark: bool = False,
) -> None:
    """Draws the picture, what the network takes, and this channel of each layer's feature maps that has it."""
    layers = {name: maps for name, maps in outputs.items() if channel < maps.shape[-1]}
    first = 1 if seen.prepared is None else 2
    tile = fitted(seen.pixels, 0, 0, TILE)[2:]
    rows = ceil((len(layers) + first) / COLUMNS)

    def place(number: int) -> Place:
        row, column = divmod(number, COLUMNS)
        return column * (TILE + GAP), HEAD + row * (tile[1] + 2.9 * LINE), *tile

    with style(dark) as theme:
        sheet = Sheet(theme, COLUMNS * (TILE + GAP), HEAD + rows * (tile[1] + 2.9 * LINE))
        sheet.head(title, f"channel {channel} of every layer, each on its own scale")
        draw_picture(sheet, seen, place(0))
        draw_prepared(sheet, seen, place(1))
        for number, (name, maps) in enumerate(layers.items(), start=first):
            x, y, _, height = place(number)
            draw_map(sheet, maps, channel, place(number), numbered=False)
            sheet.text(x, y + height + LINE * 0.7, shortened(name.rpartition("/")[2], LONGEST), size=8)
            sheet.text(x, y + height + LINE * 1.6, size_of(maps), size=7, quiet=True)
        sheet.save(path)
