"""How all of kerasvgg's plots look, and how they are saved."""

from pathlib import Path
from typing import Any

from kerasvgg.atomic import replacing
from kerasvgg.errors import ConfigError

INK, FAINT, GRID = "#1b1f24", "#8b949e", "#e6e8eb"
COLOURS = ("#0b6bcb", "#d9480f", "#2b8a3e", "#862e9c", "#a61e4d", "#0c8599")
FORMATS = (".png", ".svg")
STYLE: Any = {
    "font.size": 10,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "grid.color": GRID,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
}


def new_figure(width: float, height: float) -> Any:
    """Returns a matplotlib Figure of this size in inches, drawn without a screen."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def save_figure(figure: Any, path: Path) -> None:
    """Writes the figure as PNG or SVG, by the suffix, in one atomic step. Raises ConfigError for another suffix."""
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"`output` must end in {' or '.join(FORMATS)}, received {path}")
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=120)
