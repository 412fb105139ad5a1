"""Heat over a picture: where the evidence for a class lies."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kerasvgg.plots.activations import coloured
from kerasvgg.plots.figure import shortened, style
from kerasvgg.plots.sheet import HEAD, LINE, SeenPicture, Sheet, draw_picture, fitted

COLOURS = "inferno"
SIDE, GAP, COLUMNS = 3.0, 0.15, 3  # inches
LONGEST = 36


class Heat(NamedTuple):
    """Values (height, width) from 0 to 1, with a line of words above and a quieter one below."""

    values: np.ndarray
    name: str
    remark: str


def draw_heatmaps(
    seen: SeenPicture,
    heats: Sequence[Heat],
    path: Path,
    *,
    title: str = "",
    subtitle: str = "",
    columns: int = COLUMNS,
    dark: bool = False,
) -> None:
    """Draws the picture and each heat over it, with a colour bar."""
    tile = fitted(seen.pixels, 0, 0, SIDE)[2:]
    columns = min(columns, len(heats) + 1)
    step = tile[0] + GAP, tile[1] + GAP + 3.2 * LINE
    rows = -(-(len(heats) + 1) // columns)
    with style(dark) as theme:
        sheet = Sheet(theme, columns * step[0] + 1, HEAD + rows * step[1])
        sheet.head(title, subtitle)
        for number, heat in enumerate([None, *heats]):
            row, column = divmod(number, columns)
            x, y = column * step[0], HEAD + LINE * 1.6 + row * step[1]
            if heat is None:
                draw_picture(sheet, seen, (x, y, *tile))
                continue
            sheet.picture((x, y, *tile), overlay(seen.pixels, heat.values))
            sheet.text(x, y - LINE * 0.75, shortened(heat.name, LONGEST), size=10, weight="bold")
            sheet.text(x, y + tile[1] + LINE * 0.7, heat.remark, size=8, quiet=True)
        bar = columns * step[0], HEAD + LINE * 1.6, 0.14, tile[1]
        sheet.bar(bar, list(coloured(np.linspace(0, 1, 256), COLOURS)), ("none", "most"))
        sheet.save(path)


def overlay(pixels: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Returns the picture, grayer and darker, with the heat glowing over it."""
    plain = pixels.astype(np.float32) / 255
    gray = plain.mean(axis=2, keepdims=True)
    ground = 0.55 * (0.35 * plain + 0.65 * gray)
    strength = np.clip(heat[..., None], 0, 1) ** 0.8 * 0.85
    edge = 0.25 * plain * strength * (1 - strength)
    mixed: np.ndarray = ground * (1 - strength) + coloured(heat, COLOURS) * strength + edge
    return mixed
