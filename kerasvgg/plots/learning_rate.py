"""The loss over the learning rate, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerasvgg.plots.figure import COLOURS, new_figure, save_figure, style


def draw_sweep(
    rates: Sequence[float],
    losses: Sequence[float],
    smooth: Sequence[float],
    path: Path,
    *,
    marks: dict[str, float],
    title: str = "",
    dark: bool = False,
) -> None:
    """Draws each batch's loss and the smoothed one; `marks` are rates with names, drawn as lines."""
    with style(dark) as theme:
        figure = new_figure(7, 4.2)
        panel = figure.subplots()
        panel.plot(rates, losses, ".", color=theme.faint, markersize=4, label="each batch")
        panel.plot(rates, smooth, color=COLOURS[0], linewidth=2, label="smoothed")
        for number, (name, rate) in enumerate(marks.items(), start=1):
            panel.axvline(rate, color=COLOURS[number], linewidth=1.2, linestyle="--", label=f"{name}: {rate:.1e}")
        panel.set_xscale("log")
        panel.xaxis.set_major_formatter(lambda rate, place: f"{rate:.0e}")
        panel.set_ylim(*_limits(smooth))
        panel.set_xlabel("learning rate")
        panel.set_ylabel("training loss")
        panel.set_title(title)
        figure.legend(loc="outside lower center", ncols=2)
        save_figure(figure, path)


def _limits(smooth: Sequence[float]) -> tuple[float, float]:
    """Leaves out what diverges, because what matters would be a flat line."""
    lowest, first = np.nanmin(smooth), smooth[0]
    return 0.9 * lowest, max(1.5 * first, 1.1 * lowest)
