"""Feature maps: of every layer in rows, of one layer in a grid, of one channel."""

from collections.abc import Mapping
from math import ceil, sqrt
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.sheet import HEAD, LINE, Place, SeenPicture, Sheet, draw_picture, draw_prepared, fitted

COLOURS = "viridis"
NUMBER = 6.5  # points


def most_active(maps: np.ndarray, most: int) -> list[int]:
    """Returns the channels of maps (height, width, channels): all in order, or the `most` with the highest mean."""
    channels = maps.shape[-1]
    if channels <= most:
        return list(range(channels))
    strongest: list[int] = np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:most].tolist()
    return strongest


def dead_channels(maps: np.ndarray) -> np.ndarray:
    """Returns which channels are zero everywhere."""
    return np.asarray(np.all(maps == 0, axis=tuple(range(maps.ndim - 1))))


def draw_map(sheet: Sheet, maps: np.ndarray, channel: int, place: Place, numbered: bool = True) -> None:
    """Draws a channel from its least value, dark, to its greatest, bright; a dead one is crossed out."""
    x, y, width, height = place
    one = maps[..., channel].astype(np.float32)
    if one.any():
        sheet.picture(place, coloured(_normalised(one)))
    else:
        sheet.dead(place)
    if numbered:
        sheet.text(x + width / 2, y + height + LINE / 2, str(channel), size=NUMBER, quiet=True, ha="center")


def coloured(values: np.ndarray, colours: str = COLOURS) -> np.ndarray:
    """Returns values 0..1 as colours (..., 3)."""
    import matplotlib as mpl

    return np.asarray(mpl.colormaps[colours](values))[..., :3]


def size_of(maps: np.ndarray) -> str:
    """Returns how large feature maps are, in words."""
    return " x ".join(map(str, maps.shape))


def _normalised(one: np.ndarray) -> np.ndarray:
    one = np.where(np.isfinite(one), one, np.nan)  # a gap
    low, high = float(np.nanmin(one, initial=np.inf)), float(np.nanmax(one, initial=-np.inf))
    return (one - low) / (high - low) if high > low else np.full_like(one, 0.5)


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


MOST_ROWS, MOST_LAYERS = 32, 12
ROW_TILE, ROW_GAP, NAMES, ROW_SIDE = 0.8, 0.06, 2.2, 2.4  # inches
LONGEST_ROW = 30


def draw_layer_rows(
    outputs: Mapping[str, np.ndarray],
    seen: SeenPicture,
    path: Path,
    *,
    title: str = "",
    most: int = MOST_LAYERS,
    dark: bool = False,
) -> None:
    """Draws, for each layer's feature maps (height, width, channels), the most active channels.

    Of more than 32 layers, as many are drawn, evenly chosen.
    """
    names = _chosen(list(outputs))
    place = fitted(seen.pixels, 0, HEAD, ROW_SIDE)
    top = HEAD + place[3] + 0.5
    step = ROW_TILE + ROW_GAP + LINE
    with style(dark) as theme:
        sheet = Sheet(theme, NAMES + most * (ROW_TILE + ROW_GAP), top + len(names) * step)
        which = f"{len(names)} of {len(outputs)} layers" if len(names) < len(outputs) else f"{len(names)} layers"
        sheet.head(title, f"{which}; of each the {most} most active channels, each on its own scale")
        draw_picture(sheet, seen, place)
        draw_prepared(sheet, seen, (ROW_SIDE + 0.2, *place[1:]))
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
    for line, (word, quiet) in enumerate([(shortened(name.rpartition("/")[2], LONGEST_ROW), False), *words]):
        sheet.text(0, y + ROW_TILE / 2 + (line - 1) * LINE, word, size=8 if quiet else 9.5, quiet=quiet)
    for column, channel in enumerate(most_active(maps, most)):
        x, _, width, height = fitted(maps, NAMES + column * (ROW_TILE + ROW_GAP), y, ROW_TILE)
        draw_map(sheet, maps, channel, (x, y, width, height))


COLUMNS = 6
CHANNEL_SIDE, CHANNEL_GAP = 1.75, 0.2  # inches
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
    tile = fitted(seen.pixels, 0, 0, CHANNEL_SIDE)[2:]
    rows = ceil((len(layers) + first) / COLUMNS)

    def place(number: int) -> Place:
        row, column = divmod(number, COLUMNS)
        return column * (CHANNEL_SIDE + CHANNEL_GAP), HEAD + row * (tile[1] + 2.9 * LINE), *tile

    with style(dark) as theme:
        sheet = Sheet(theme, COLUMNS * (CHANNEL_SIDE + CHANNEL_GAP), HEAD + rows * (tile[1] + 2.9 * LINE))
        sheet.head(title, f"channel {channel} of every layer, each on its own scale")
        draw_picture(sheet, seen, place(0))
        draw_prepared(sheet, seen, place(1))
        for number, (name, maps) in enumerate(layers.items(), start=first):
            x, y, _, height = place(number)
            draw_map(sheet, maps, channel, place(number), numbered=False)
            sheet.text(x, y + height + LINE * 0.7, shortened(name.rpartition("/")[2], LONGEST), size=8)
            sheet.text(x, y + height + LINE * 1.6, size_of(maps), size=7, quiet=True)
        sheet.save(path)
