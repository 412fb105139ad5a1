"""Learning curves of one run or several."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import cycle, groupby
from pathlib import Path
from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.evaluation.epochs import kept_epoch
from kerasvgg.plots.figure import COLOURS, FAINT, QUIET, new_figure, save_figure, shortened, style

LONGEST_PHASE = 40
MOST = 100  # phases
ROW = 11  # points


def mark_phases(panel: Any, histories: Iterable[Sequence[Mapping[str, Any]]], by: str = "epoch") -> float:
    """Draws a line where a phase begins and its name above the panel; returns how high the names go, in points.

    `by` is the column of the horizontal axis. Runs of one phase are left unmarked. The panel must have its final place
    and limits.
    """
    ends: list[float] = []  # of the last name in each row of names, in pixels
    for epoch, phase in _beginnings(histories, by)[:MOST]:
        if epoch - 0.5 > panel.get_xlim()[0]:
            panel.axvline(epoch - 0.5, color=FAINT, linewidth=1, linestyle=":")
        name = _name_at(panel, epoch - 0.5, shortened(phase, LONGEST_PHASE))
        box = name.get_window_extent()
        row = next((row for row, end in enumerate(ends) if end < box.x0), len(ends))
        ends[row : row + 1] = [box.x1]
        name.xyann = (name.xyann[0], 4 + row * ROW)
    return len(ends) * ROW


def _beginnings(histories: Iterable[Sequence[Mapping[str, Any]]], by: str) -> list[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for rows in histories:
        phases = [(next(group)[by], phase) for phase, group in groupby(rows, lambda row: row["phase"])]
        found |= set(phases) if len(phases) > 1 else set()
    return sorted(found)


def _name_at(panel: Any, x: float, name: str) -> Any:
    place: Any = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "fontsize": 8, "color": QUIET}
    text = panel.annotate(name, (x, 1), xytext=(1, 4), va="bottom", **place)
    if text.get_window_extent().x1 > panel.bbox.x1:  # it would stand out on the right
        text.set_ha("right")
        text.xy = (panel.get_xlim()[1], 1)
    return text


SMOOTHING = 0.8  # the chapter's factor
SMOOTHING_OF_ITERATIONS = 0.98
RAW, STRONG = {"alpha": 0.3, "linewidth": 1.0}, {"linewidth": 2.2}
RING: Any = {"linestyle": "", "marker": "o", "markersize": 10, "markerfacecolor": "none", "markeredgewidth": 1.6}
PARTS = ("training", "validation")
LONGEST_NAME = 40
Rows = Sequence[Mapping[str, Any]]


def draw_curves(
    histories: Mapping[str, Rows],
    path: Path,
    factor: float | None = None,
    title: str = "",
    *,
    log: bool = False,
    dark: bool = False,
) -> None:
    """Draws accuracy and loss over the epochs of one or several named runs and writes the picture to `path`.

    One run has a colour for training and one for validation; of several runs each has a colour. The best epoch by
    validation has a ring. Rows with an `iteration` are drawn over the iterations, without validation. `factor` smooths
    (see `smooth`), by default 0.8 and for iterations 0.98. `log` draws the loss on a log scale.
    """
    histories = {name: rows for name, rows in histories.items() if rows}
    by = _axis(histories.values())
    if factor is None:
        factor = SMOOTHING if by == "epoch" else SMOOTHING_OF_ITERATIONS
    colours = [COLOURS[:2]] if len(histories) == 1 else zip(COLOURS, COLOURS, strict=True)
    runs = [(name, rows, pair) for (name, rows), pair in zip(histories.items(), cycle(colours), strict=False)]
    with style(dark) as theme:
        figure = new_figure(11, 4.5)
        panels = figure.subplots(1, 2)
        for panel, quantity in zip(panels, ("accuracy", "loss"), strict=True):
            for _, rows, pair in runs:
                _draw_run(panel, quantity, rows, by, factor=factor, colours=pair, log=log and quantity == "loss")
            _limit(panel, quantity, by, [row[by] for rows in histories.values() for row in rows], log=log)
        parts = PARTS[: len(_columns("", by))]
        entries = _one_run(*runs[0], parts, factor) if len(runs) == 1 else _many_runs(runs, parts, factor, theme.quiet)
        _add_legend(figure, list(entries))
        figure.suptitle(title or None, x=0.01, ha="left")
        figure.draw_without_rendering()  # this gives the panels their places
        for panel, quantity in zip(panels, ("accuracy", "loss"), strict=True):
            panel.set_title(quantity.capitalize(), pad=6 + mark_phases(panel, histories.values(), by))
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


def _axis(histories: Iterable[Rows]) -> str:
    kinds = {"iteration" if "iteration" in rows[0] else "epoch" for rows in histories}
    if len(kinds) > 1:
        raise ConfigError("the runs must all be drawn over epochs or all over iterations, received both")
    return kinds.pop() if kinds else "epoch"


def _columns(quantity: str, by: str) -> tuple[str, ...]:
    return (quantity, f"val_{quantity}") if by == "epoch" else (quantity,)


def _draw_run(
    panel: Any, quantity: str, rows: Rows, by: str, *, factor: float, colours: tuple[str, ...], log: bool
) -> None:
    """Draws a run into a panel; on a log scale without what is 0, which would be infinitely far down."""
    places = [row[by] for row in rows]
    for column, colour, look in zip(_columns(quantity, by), colours, _looks(len(rows), by), strict=False):
        points = [_above_zero(row[column], log) for row in rows]
        if factor:
            panel.plot(places, points, color=colour, clip_on=False, **{**look, **RAW})
        panel.plot(places, smooth(points, factor), color=colour, clip_on=False, **{**look, **STRONG})
    if by == "epoch":
        best = kept_epoch(rows)
        panel.plot(best[by], _above_zero(best[f"val_{quantity}"], log), color=colours[-1], clip_on=False, **RING)


def _above_zero(point: float, log: bool) -> float:
    return point if point > 0 or not log else math.nan


def _looks(count: int, by: str = "epoch") -> tuple[dict[str, Any], dict[str, Any]]:
    """Returns how training and validation look; a line through one point would not be seen, so it gets a dash."""
    size = 4.5 if count <= 50 else 3
    dash = {"marker": "_", "markersize": 18, "markeredgewidth": 2.2} if count == 1 else {}
    line = {"linestyle": "-", **dash}
    if by == "iteration":
        return line, line
    return {"linestyle": "", "marker": "o", "markersize": size, "markeredgewidth": 0}, line


def _limit(panel: Any, quantity: str, by: str, places: Sequence[int], *, log: bool) -> None:
    from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

    panel.set(xlabel=by, xlim=(min(places, default=1) - 0.5, max(places, default=1) + 0.5))
    panel.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    low, high = panel.get_ylim()
    if quantity == "accuracy":
        panel.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.6g}%")
        panel.set_ylim(max(0.0, low), min(1.0, high))
    elif log and panel.dataLim.y1 > 0:  # nothing but gaps has no scale
        panel.set_yscale("log")
        panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(lambda loss, _: f"{loss:g}")
        panel.yaxis.set_minor_locator(NullLocator())
    else:
        panel.set_ylim(0, 1.02 * high)


def _add_legend(figure: Any, entries: Sequence[Any]) -> None:
    letters = max((len(entry.get_label()) for entry in entries), default=0)
    columns = min(len(entries), max(1, 130 // (letters + 8)))  # as many as have room
    figure.legend(handles=entries, loc="outside lower center", ncols=max(1, columns))


def _one_run(name: str, rows: Rows, colours: tuple[str, ...], parts: tuple[str, ...], factor: float) -> Iterator[Any]:
    before = f"{shortened(name, LONGEST_NAME)}: " if name else ""
    for part, colour, look in zip(parts, colours, _looks(len(rows), _axis([rows])), strict=False):
        if factor:
            yield _entry(f"{before}{part}", color=colour, **{**look, **RAW})
        yield _entry(f"{before}{part}{', smoothed' if factor else ''}", color=colour, **{**look, **STRONG})
    if len(parts) > 1:
        yield _entry(f"best epoch, {kept_epoch(rows)['epoch']}", color=colours[1], **RING)


def _many_runs(
    runs: Sequence[tuple[str, Rows, tuple[str, ...]]], parts: tuple[str, ...], factor: float, quiet: str
) -> Iterator[Any]:
    dots, line = _looks(2, _axis(rows for _, rows, _ in runs))
    for name, _, colours in runs:
        yield _entry(shortened(name, LONGEST_NAME), color=colours[0], **{**dots, **line, **STRONG})
    if len(parts) > 1:
        yield _entry("training", color=quiet, **dots)
        yield _entry("validation", color=quiet, **{**line, **STRONG})
        yield _entry("best epoch", color=quiet, **RING)
    if factor:
        yield _entry("not smoothed", color=quiet, **{**dots, **line, **RAW})


def _entry(label: str, **look: Any) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **look)
