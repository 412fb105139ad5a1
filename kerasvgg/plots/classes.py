"""What each class comes to where pictures have several, as a picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kerasvgg.plots.figure import COLOURS, new_figure, save_figure, shortened, style

MOST = 100  # classes, those with the lowest average precision
LONGEST_NAME = 28
MARKS = {"precision": ">", "recall": "<", "f1": "D"}


def draw_classes(
    reports: Mapping[str, Mapping[str, Any]],
    path: Path,
    title: str = "",
    *,
    subtitle: str = "",
    dark: bool = False,
) -> None:
    """Draws a bar for each class's average precision, and marks for precision, recall and F1 of what is predicted.

    The lowest average precision is at the bottom; a class that no picture has is left out.
    """
    there = [(name, one) for name, one in reports.items() if one["n"]]
    ranked = sorted(there, key=lambda pair: pair[1]["average_precision"])[:MOST]
    places = range(len(ranked))
    with style(dark) as theme:
        figure = new_figure(7, 1.5 + 0.32 * max(len(ranked), 2))
        panel = figure.subplots()
        shares = [one["average_precision"] for _, one in ranked]
        panel.barh(places, shares, height=0.62, color=COLOURS[0], alpha=0.35, label="average precision")
        for number, (share, mark) in enumerate(MARKS.items(), start=1):
            values = [one[share] for _, one in ranked]
            panel.plot(values, places, mark, color=COLOURS[number], markersize=5, label=share, clip_on=False)
        panel.set_yticks(places, [f"{shortened(name, LONGEST_NAME)} ({one['n']:,})" for name, one in ranked])
        panel.set(xlim=(0, 1), ylim=(-0.6, max(len(ranked), 1) - 0.4))
        panel.tick_params(axis="y", length=0)
        panel.grid(False, axis="y")
        panel.set_title(title, pad=26 if subtitle else 10)
        panel.annotate(
            subtitle, (0, 1), xytext=(0, 9), xycoords="axes fraction", textcoords="offset points", color=theme.quiet
        )
        figure.legend(loc="outside lower center", ncols=4)
        save_figure(figure, path)
