"""A page of pictures, placed in pixels."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kerasvgg.plots.figure import DPI, Theme, new_figure, save_figure, shortened

if TYPE_CHECKING:
    import numpy as np

HEAD = 0.68  # inches that title and subtitle take
LINE = 0.17  # of small text
Place = tuple[float, float, float, float]  # x, y, width, height


class Sheet:
    """One page; its margins are cut evenly when it is saved."""

    def __init__(self, theme: Theme, width: float, height: float) -> None:
        self.theme = theme
        self._figure = new_figure(width, height, layout=None)
        self._figure.set_dpi(DPI)  # letters are as wide when they are measured as when they are saved
        self._panel = self._figure.add_axes((0, 0, 1, 1))
        self._panel.set(xlim=(0, width), ylim=(height, 0))
        self._panel.axis("off")

    def head(self, title: str, subtitle: str = "") -> None:
        """Writes the title and a quieter line below it."""
        self.text(0, 0.13, title, size=14, weight="bold")
        self.text(0, 0.42, subtitle, quiet=True)

    def text(self, x: float, y: float, words: str, *, size: float = 9, quiet: bool = False, **look: Any) -> None:
        """Writes words, their middle at the height y, beginning at x unless `ha` says otherwise."""
        colour = self.theme.quiet if quiet else self.theme.ink
        self._panel.text(x, y, words, **{"va": "center", "fontsize": size, "color": colour, **look})

    def picture(self, place: Place, pixels: "np.ndarray") -> None:
        """Shows pixels (height, width, 3), 0..1 or uint8."""
        x, y, width, height = place
        self._panel.imshow(pixels, extent=(x, x + width, y + height, y), aspect="auto")

    def dead(self, place: Place) -> None:
        """Shows that there is nothing: an empty box, crossed out."""
        from matplotlib.patches import Rectangle

        x, y, width, height = place
        self._panel.add_patch(Rectangle((x, y), width, height, facecolor=self.theme.grid, linewidth=0))
        for ends in ((y, y + height), (y + height, y)):
            self._panel.plot((x, x + width), ends, color=self.theme.faint, linewidth=0.7)

    def bar(self, place: Place, colours: Sequence[Any], ends: tuple[str, str]) -> None:
        """Shows a colour scale, the first colour at the bottom, and names both ends on its right."""
        import numpy as np

        x, y, width, height = place
        self.picture(place, np.asarray(colours)[::-1, None])
        for word, at in zip(ends, (y + height - LINE / 2, y + LINE / 2), strict=True):
            self.text(x + width + 0.08, at, word, size=8, quiet=True)

    def save(self, path: Path) -> None:
        """Writes the page as PNG or SVG, by the suffix, as large as what is on it."""
        self._cut()
        save_figure(self._figure, path)

    def _cut(self) -> None:
        from matplotlib.transforms import Bbox

        self._figure.draw_without_rendering()
        words = [text for text in self._panel.texts if text.get_text()]
        placed = [one.get_window_extent() for one in (*self._panel.images, *self._panel.patches, *words)]
        left, low, right, high = Bbox.union(placed).extents / self._figure.dpi
        height = self._figure.get_figheight()
        self._figure.set_size_inches(right - left, high - low)
        self._panel.set(xlim=(left, right), ylim=(height - low, height - high))


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
