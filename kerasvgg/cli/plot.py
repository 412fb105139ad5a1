"""kerasvgg plot"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from kerasvgg.run_folder import RunFolder


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
    from kerasvgg.data.shown import shown
    from kerasvgg.plots.curves import draw_curves
    from kerasvgg.run_folder import RunFolder

    folders = [RunFolder.open(run) for run in dict.fromkeys(runs)]
    rows = {
        name: folder.read_history() if by == "epoch" else folder.read_iterations()
        for name, folder in zip(_names(folders), folders, strict=True)
    }
    own = folders[0].curves if by == "epoch" else folders[0].iteration_curves
    path = output or (own if len(folders) == 1 else Path(own.name))
    draw_curves(rows, path, smooth, log=log, dark=dark)
    typer.echo(shown(path))


def _names(folders: "list[RunFolder]") -> list[str]:
    """Returns the end of each path, long enough to tell them apart; one alone needs no name."""
    paths = [folder.path.absolute().parts for folder in folders]
    if len(paths) == 1:
        return [""]
    for count in range(1, max(map(len, paths)) + 1):
        names = ["/".join(path[-count:]) for path in paths]
        if len(set(names)) == len(names) and count > 1:
            return names
    return [str(folder.path) for folder in folders]
