"""A picture, and beside it what the first layers make of its pixels."""

from typing import NamedTuple

import numpy as np

from kerasvgg.plots.figure import shortened
from kerasvgg.plots.sheet import LINE, Place, Sheet

LONGEST = 30


class SeenPicture(NamedTuple):
    """The pixels, uint8 (height, width, 3), and what the preprocessing makes of them (None: the model has none)."""

    name: str
    pixels: np.ndarray
    prepared: np.ndarray | None


def draw_picture(sheet: Sheet, seen: SeenPicture, place: Place) -> None:
    """Draws the picture as it is, its name below."""
    x, y, _, height = place
    sheet.picture(place, seen.pixels)
    sheet.text(x, y + height + LINE * 0.7, shortened(seen.name, LONGEST), size=8)


def draw_prepared(sheet: Sheet, seen: SeenPicture, place: Place) -> None:
    """Draws the numbers that the network takes, from the least to the greatest, their first channel as red."""
    if seen.prepared is None:
        return
    x, y, _, height = place
    low, high = float(seen.prepared.min()), float(seen.prepared.max())
    pixels = (seen.prepared - low) / ((high - low) or 1)
    sheet.picture(place, np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
    sheet.text(x, y + height + LINE * 0.7, "as the network takes it", size=8)
    sheet.text(x, y + height + LINE * 1.6, f"{low:.4g} to {high:.4g}", size=7, quiet=True)


def fitted(pixels: np.ndarray, x: float, y: float, side: float) -> Place:
    """Returns a place at (x, y) whose longer side is `side`, with the picture's aspect ratio."""
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    return x, y, width * scale, height * scale
