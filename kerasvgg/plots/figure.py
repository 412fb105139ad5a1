"""How all of kerasvgg's plots look, and how they are saved."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from kerasvgg.errors import ConfigError
from kerasvgg.files.atomic import replacing

INK, QUIET, FAINT, GRID = "#1b1f24", "#57606a", "#8b949e", "#e6e8eb"
COLOURS = ("#0b6bcb", "#d9480f", "#2b8a3e", "#862e9c", "#a61e4d", "#0c8599", "#946200", "#343a40")
FORMATS = (".png", ".svg")
DPI = 120
STYLE: Any = {
    "font.size": 10,
    "text.parse_math": False,  # a class may be called a$b$c
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "figure.titleweight": "bold",
    "legend.frameon": False,
    "svg.hashsalt": "kerasvgg",  # equal pictures are equal files
    "image.composite_image": False,  # or an SVG's pictures would be one, at 72 dots an inch
}


class Theme(NamedTuple):
    """Colours: of the ground, of text, of text that is less important, of lines, and of what is empty."""

    paper: str
    ink: str
    quiet: str
    faint: str
    grid: str


LIGHT = Theme("#ffffff", INK, QUIET, FAINT, GRID)
DARK = Theme("#0f1419", "#e6edf3", "#9aa7b4", "#6e7a86", "#2b333b")


@contextmanager
def style(dark: bool = False) -> Iterator[Theme]:
    """Gives everything drawn in its block the look of kerasvgg's plots, and yields the colours."""
    import matplotlib as mpl

    theme = DARK if dark else LIGHT
    look = STYLE | {"figure.facecolor": theme.paper, "axes.facecolor": theme.paper, "grid.color": theme.grid}
    look |= dict.fromkeys(("text.color", "axes.labelcolor", "xtick.color", "ytick.color"), theme.ink)
    look |= {"axes.edgecolor": theme.faint}
    with mpl.rc_context(look), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)  # such a letter is drawn as a box
        yield theme


def new_figure(width: float, height: float, layout: Any = "constrained") -> Any:
    """Returns a matplotlib Figure of this size in inches, drawn without a screen."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout=layout)


def require_format(path: Path) -> None:
    """Raises ConfigError for a file that `save_figure` would not write; ask before what takes long."""
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"`--output` must end in {' or '.join(FORMATS)}, received {path}")


def save_figure(figure: Any, path: Path) -> None:
    """Writes the figure, with even margins, as PNG or SVG, by the suffix, in one atomic step.

    Raises ConfigError for another suffix.
    """
    require_format(path)
    undated = {"Date": None} if path.suffix.lower() == ".svg" else {}
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=DPI, bbox_inches="tight", pad_inches=0.15, metadata=undated)


def shortened(name: str, longest: int) -> str:
    """Returns the name in at most `longest` letters, its middle left out where it has more."""
    if len(name) <= longest:
        return name
    half = (longest - 1) // 2
    return f"{name[:half]}…{name[-half:]}"
