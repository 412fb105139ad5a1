"""A model's layers at a glance: a row of feature maps for each."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.maps import dead_channels, draw_map, most_active, size_of
from kerasvgg.plots.seen_picture import SeenPicture, draw_picture, draw_prepared, fitted
from kerasvgg.plots.sheet import HEAD, LINE, Sheet

MOST_ROWS, MOST = 32, 12
TILE, GAP, NAMES, SIDE = 0.8, 0.06, 2.2, 2.4  # inches
LONGEST = 30


def draw_layer_rows(
    outputs: Mapping[str, np.ndarray],
    seen: SeenPicture,
    path: Path,
    *,
    title: str = "",
    most: int = MOST,
    dark: bool = False,
) -> None:
    """Draws, for each layer's feature maps (height, width, channels), the most active channels.

    Of more than 32 layers, as many are drawn, evenly chosen.
    """
    names = _chosen(list(outputs))
    place = fitted(seen.pixels, 0, HEAD, SIDE)
    top = HEAD + place[3] + 0.5
    step = TILE + GAP + LINE
    with style(dark) as theme:
        sheet = Sheet(theme, NAMES + most * (TILE + GAP), top + len(names) * step)
        which = f"{len(names)} of {len(outputs)} layers" if len(names) < len(outputs) else f"{len(names)} layers"
        sheet.head(title, f"{which}; of each the {most} most active channels, each on its own scale")
        draw_picture(sheet, seen, place)
        draw_prepared(sheet, seen, (SIDE + 0.2, *place[1:]))
        for row, name in enumerate(names):
            _draw_row(sheet, name, outputs[name], top + row * step, most)
        sheet.save(path)


def _chosen(names: list[str]) -> list[str]:
    if len(names) <= MOST_ROWS:
        return names
    return [names[i] for i in np.linspace(0, len(names) - 1, MOST_ROWS).round().astype(int)]


def _draw_row(sheet: Sheet, name: str, maps: np.ndarray, y: float, most: int) -> None:
    channels, dead = maps.shape[-1], int(dead_channels(maps).sum())
    words = [(size_of(maps), True), (f"{dead} of {channels} channels dead" if dead else "", True)]
    for line, (word, quiet) in enumerate([(shortened(name.rpartition("/")[2], LONGEST), False), *words]):
        sheet.text(0, y + TILE / 2 + (line - 1) * LINE, word, size=8 if quiet else 9.5, quiet=quiet)
    for column, channel in enumerate(most_active(maps, most)):
        x, _, width, height = fitted(maps, NAMES + column * (TILE + GAP), y, TILE)
        draw_map(sheet, maps, channel, (x, y, width, height))
