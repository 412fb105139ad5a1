"""All feature maps of one layer."""

from math import ceil, sqrt
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.maps import dead_channels, draw_map, most_active, size_of
from kerasvgg.plots.seen_picture import SeenPicture, draw_picture, draw_prepared, fitted
from kerasvgg.plots.sheet import HEAD, LINE, Sheet

TILE, GAP, SIDE = 0.92, 0.07, 2.2  # inches
MOST = 64


def draw_layer_grid(
    layer: str, maps: np.ndarray, seen: SeenPicture, path: Path, *, most: int = MOST, dark: bool = False
) -> None:
    """Draws feature maps (height, width, channels) as a grid beside the picture that they come from.

    Of more than `most` channels, those with the highest mean are drawn, the highest first.
    """
    channels = most_active(maps, most)
    columns = ceil(sqrt(len(channels)))
    tile = fitted(maps, 0, 0, TILE)[2:]
    step = tile[0] + GAP, tile[1] + GAP + LINE
    rows = ceil(len(channels) / columns)
    left = SIDE + 0.4
    with style(dark) as theme:
        sheet = Sheet(theme, left + columns * step[0], HEAD + max(2 * SIDE + 1, rows * step[1]))
        sheet.head(shortened(layer, 60), _subtitle(maps, len(channels)))
        place = fitted(seen.pixels, 0, HEAD, SIDE)
        draw_picture(sheet, seen, place)
        draw_prepared(sheet, seen, (0, HEAD + place[3] + 2.2 * LINE, *place[2:]))
        for number, channel in enumerate(channels):
            row, column = divmod(number, columns)
            draw_map(sheet, maps, channel, (left + column * step[0], HEAD + row * step[1], *tile))
        sheet.save(path)


def _subtitle(maps: np.ndarray, drawn: int) -> str:
    channels, dead = maps.shape[-1], int(dead_channels(maps).sum())
    which = f"the {drawn} most active of {channels} channels" if drawn < channels else f"{channels} channels"
    return f"{size_of(maps)}: {which}, each on its own scale; {dead} of {channels} are zero everywhere"
