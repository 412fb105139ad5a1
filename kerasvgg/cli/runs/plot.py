"""kerasvgg plot"""

from pathlib import Path
from typing import Annotated, Literal

import typer


def plot(
    runs: Annotated[list[Path], typer.Argument(help="Run folders; several are drawn into one picture.")],
    *,
    by: Annotated[Literal["epoch", "iteration"], typer.Option(help="What runs along the axis.")] = "epoch",
    smooth: Annotated[
        float | None,
        typer.Option(min=0, max=0.999, help="Smoothing factor, 0 for raw curves; 0.8, or 0.98 by iteration."),
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="Draw the loss on a log scale.")] = False,
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
    output: Annotated[
        Path | None, typer.Option(help="PNG or SVG to write. Left out: the run's own, or curves.png for several.")
    ] = None,
) -> None:
    """Draw the learning curves of a run again, or those of several runs together."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder, run_names
    from kerasvgg.files.text import escape
    from kerasvgg.plots.curves import draw_curves

    folders = [RunFolder.open(run) for run in dict.fromkeys(runs)]
    for folder in folders:
        if folder.choices.is_file() and len(folder.read_history()) == 1:
            raise ConfigError(
                f"`RUNS` must have been trained epoch by epoch, received {folder.path}, whose head was solved at once: "
                f"{folder.choices} has what was tried"
            )
    rows = {
        name: folder.read_history() if by == "epoch" else folder.read_iterations()
        for name, folder in zip(run_names([folder.path for folder in folders]), folders, strict=True)
    }
    own = folders[0].curves if by == "epoch" else folders[0].iteration_curves
    path = output or (own if len(folders) == 1 else Path(own.name))
    draw_curves(rows, path, smooth, log=log, dark=dark)
    typer.echo(escape(path))
