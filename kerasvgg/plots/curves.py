"""Learning curves: training as dots, validation as lines, raw and smoothed."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from kerasvgg.plots.figure import COLOURS, FAINT, STYLE, new_figure, save_figure

SMOOTHING = 0.8  # the chapter's factor


def draw_curves(
    histories: Mapping[str, Sequence[Mapping[str, Any]]], path: Path, factor: float = SMOOTHING, title: str = ""
) -> None:
    """Draws accuracy and loss over the epochs of one or several named runs and writes the picture to `path`."""
    import matplotlib as mpl

    with mpl.rc_context(STYLE):
        figure = new_figure(11, 4.2)
        panels = figure.subplots(1, 2)
        for panel, quantity in zip(panels, ("accuracy", "loss"), strict=True):
            for colour, (name, rows) in zip(COLOURS * len(histories), histories.items(), strict=False):
                _draw_run(panel, quantity, rows, name=name, factor=factor, colour=colour)
            panel.set(title=quantity.capitalize(), xlabel="epoch")
            panel.xaxis.get_major_locator().set_params(integer=True)
            panel.legend()
        if title:
            figure.suptitle(title)
        save_figure(figure, path)


def smooth(points: Sequence[float], factor: float = SMOOTHING) -> list[float]:
    """Returns the exponential moving average: each point is factor x the one before + (1 - factor) x the raw one."""
    smoothed: list[float] = []
    for point in points:
        smoothed.append(smoothed[-1] * factor + point * (1 - factor) if smoothed else point)
    return smoothed


def _draw_run(
    panel: Any, quantity: str, rows: Sequence[Mapping[str, Any]], *, name: str, factor: float, colour: str
) -> None:
    epochs = [row["epoch"] for row in rows]
    training, validation = ([row[column] for row in rows] for column in (quantity, f"val_{quantity}"))
    label = f"{name} " if name else ""
    faded = {"color": colour, "alpha": 0.35} if factor else {"color": colour}
    panel.plot(epochs, training, "o", markersize=4, label=f"{label}training", **faded)
    panel.plot(epochs, validation, "-", linewidth=1, label=f"{label}validation", **faded)
    if factor:
        panel.plot(
            epochs, smooth(training, factor), "o", markersize=4, color=colour, label=f"{label}training, smoothed"
        )
        panel.plot(
            epochs, smooth(validation, factor), "-", linewidth=2.2, color=colour, label=f"{label}validation, smoothed"
        )
    _mark_phases(panel, rows)


def _mark_phases(panel: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    for before, row in pairwise(rows):
        if before["phase"] != row["phase"]:
            panel.axvline(row["epoch"] - 0.5, color=FAINT, linewidth=1, linestyle=":")
            top = panel.get_xaxis_transform()
            panel.text(row["epoch"] - 0.4, 1.0, row["phase"], transform=top, va="top", color=FAINT, fontsize=8)
