"""Learning curves: training as dots, validation as lines; raw values faint, smoothed ones strong."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from kerasvgg.plots.figure import COLOURS, QUIET, new_figure, save_figure, shortened, style
from kerasvgg.plots.phases import mark_phases

SMOOTHING = 0.8  # the chapter's factor
RAW, STRONG = {"alpha": 0.3, "linewidth": 1.0}, {"linewidth": 2.2}
LONGEST_NAME = 40
Rows = Sequence[Mapping[str, Any]]


def draw_curves(histories: Mapping[str, Rows], path: Path, factor: float = SMOOTHING, title: str = "") -> None:
    """Draws accuracy and loss over the epochs of one or several named runs and writes the picture to `path`.

    One run has a colour for training and one for validation; of several runs each has a colour.
    """
    histories = {name: rows for name, rows in histories.items() if rows}
    colours = [COLOURS[:2]] if len(histories) == 1 else zip(COLOURS, COLOURS, strict=True)
    runs = [(name, rows, pair) for (name, rows), pair in zip(histories.items(), cycle(colours), strict=False)]
    with style():
        figure = new_figure(11, 4.5)
        panels = figure.subplots(1, 2)
        for panel, quantity in zip(panels, ("accuracy", "loss"), strict=True):
            for _, rows, pair in runs:
                _draw_run(panel, quantity, rows, factor=factor, colours=pair)
            _limit(panel, quantity, [row["epoch"] for rows in histories.values() for row in rows])
        _add_legend(figure, list(_one_run(*runs[0], factor) if len(runs) == 1 else _many_runs(runs, factor)))
        figure.suptitle(title or None, x=0.01, ha="left")
        figure.draw_without_rendering()  # this gives the panels their places
        for panel, quantity in zip(panels, ("accuracy", "loss"), strict=True):
            panel.set_title(quantity.capitalize(), pad=6 + mark_phases(panel, histories.values()))
        save_figure(figure, path)


def smooth(points: Sequence[float], factor: float = SMOOTHING) -> list[float]:
    """Returns the exponential moving average: each point is factor x the one before + (1 - factor) x the raw one.

    What is infinite or no number stays a gap, and the average goes on behind it.
    """
    smoothed: list[float] = []
    last = math.nan
    for point in points:
        mean = last * factor + point * (1 - factor) if math.isfinite(last) else point
        last = mean if math.isfinite(mean) else last
        smoothed.append(mean)
    return smoothed


def _draw_run(panel: Any, quantity: str, rows: Rows, *, factor: float, colours: tuple[str, ...]) -> None:
    epochs = [row["epoch"] for row in rows]
    for column, colour, look in zip((quantity, f"val_{quantity}"), colours, _looks(len(rows)), strict=True):
        points = [row[column] for row in rows]
        if factor:
            panel.plot(epochs, points, color=colour, clip_on=False, **{**look, **RAW})
        panel.plot(epochs, smooth(points, factor), color=colour, clip_on=False, **{**look, **STRONG})


def _looks(epochs: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns how training and validation look; a line through one point would not be seen, so it gets a dash."""
    size = 4.5 if epochs <= 50 else 3
    dash = {"marker": "_", "markersize": 18, "markeredgewidth": 2.2} if epochs == 1 else {}
    return {"linestyle": "", "marker": "o", "markersize": size, "markeredgewidth": 0}, {"linestyle": "-", **dash}


def _limit(panel: Any, quantity: str, epochs: Sequence[int]) -> None:
    from matplotlib.ticker import MaxNLocator

    panel.set(xlabel="epoch", xlim=(min(epochs, default=1) - 0.5, max(epochs, default=1) + 0.5))
    panel.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    low, high = panel.get_ylim()
    if quantity == "accuracy":
        panel.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.6g}%")
        panel.set_ylim(max(0.0, low), min(1.0, high))
    else:
        panel.set_ylim(0, 1.02 * high)


def _add_legend(figure: Any, entries: Sequence[Any]) -> None:
    letters = max((len(entry.get_label()) for entry in entries), default=0)
    columns = min(len(entries), max(1, 130 // (letters + 8)))  # as many as have room
    figure.legend(handles=entries, loc="outside lower center", ncols=max(1, columns))


def _one_run(name: str, rows: Rows, colours: tuple[str, ...], factor: float) -> Iterator[Any]:
    before = f"{shortened(name, LONGEST_NAME)}: " if name else ""
    for part, colour, look in zip(("training", "validation"), colours, _looks(len(rows)), strict=True):
        if factor:
            yield _entry(f"{before}{part}", color=colour, **{**look, **RAW})
        yield _entry(f"{before}{part}{', smoothed' if factor else ''}", color=colour, **{**look, **STRONG})


def _many_runs(runs: Sequence[tuple[str, Rows, tuple[str, ...]]], factor: float) -> Iterator[Any]:
    dots, line = _looks(2)
    for name, _, colours in runs:
        yield _entry(shortened(name, LONGEST_NAME), color=colours[0], **{**dots, **line, **STRONG})
    yield _entry("training", color=QUIET, **dots)
    yield _entry("validation", color=QUIET, **{**line, **STRONG})
    if factor:
        yield _entry("not smoothed", color=QUIET, **{**dots, **line, **RAW})


def _entry(label: str, **look: Any) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **look)
