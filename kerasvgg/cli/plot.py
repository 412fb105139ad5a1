"""kerasvgg plot"""

from pathlib import Path
from typing import Annotated

import typer


def plot(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    smooth: Annotated[float, typer.Option(min=0, max=0.999, help="Smoothing factor; 0 draws raw curves.")] = 0.8,
    output: Annotated[Path | None, typer.Option(help="PNG or SVG to write; the run's curves.png otherwise.")] = None,
) -> None:
    """Draw a run's learning curves again."""
    from kerasvgg.data.shown import shown
    from kerasvgg.plots.curves import draw_curves
    from kerasvgg.run_folder import RunFolder

    folder = RunFolder.open(run)
    path = output or folder.curves
    draw_curves({"": folder.read_history()}, path, smooth)
    typer.echo(shown(path))
