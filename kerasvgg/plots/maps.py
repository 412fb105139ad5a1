"""One channel of a layer's feature maps as a tile."""

import numpy as np

from kerasvgg.plots.sheet import LINE, Place, Sheet

COLOURS = "viridis"
NUMBER = 6.5  # points


def most_active(maps: np.ndarray, most: int) -> list[int]:
    """Returns the channels of maps (height, width, channels): all in order, or the `most` with the highest mean."""
    channels = maps.shape[-1]
    if channels <= most:
        return list(range(channels))
    return np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:most].tolist()


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
