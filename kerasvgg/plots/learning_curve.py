"""Accuracy over the number of training pictures, as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.evaluation.power_law import LearningCurve, Point, PowerLaw
from kerasvgg.evaluation.statistics import Z95
from kerasvgg.plots.figure import COLOURS, new_figure, save_figure, style


def draw_learning_curve(
    curve: LearningCurve, path: Path, *, title: str = "", subtitle: str = "", dark: bool = False
) -> None:
    """Draws the accuracy of pictures held out over the training pictures per class, and what more would bring.

    Bars are 95 % intervals. The power law is dashed where nothing was measured; without one, the legend says why.
    """
    with style(dark) as theme:
        figure = new_figure(7, 4.8)
        panel = figure.subplots()
        bars = [(one.per_class, one.accuracy, *_within(one)) for one in curve.points]
        _draw_points(panel, bars, 0, "held out")
        if curve.law:
            _draw_law(panel, curve, curve.law)
        else:
            panel.plot([], [], linestyle="", label=f"no forecast: {curve.doubt}")
        _label(panel)
        figure.legend(loc="outside lower center", ncols=3)
        panel.set_title(title, pad=26 if subtitle else 10)
        below = panel.annotate(
            subtitle, (0, 1), xytext=(0, 10), xycoords="axes fraction", textcoords="offset points", color=theme.quiet
        )
        below.set_in_layout(False)  # a long one must not press the panel together
        save_figure(figure, path)


def _within(point: Point) -> tuple[float, float]:
    reach = Z95 * point.error
    return max(0.0, point.accuracy - reach), min(1.0, point.accuracy + reach)


def _draw_points(panel: Any, bars: Sequence[tuple[float, float, float, float]], number: int, name: str) -> None:
    """Draws pictures, accuracy, and the lower and upper end of its interval."""
    x, y, low, high = map(np.array, zip(*bars, strict=True))
    panel.errorbar(
        x, y, [y - low, high - y],
        color=COLOURS[number], marker="os"[number], markersize=6, linestyle="", elinewidth=1.2, clip_on=False,
        label=name,
    )  # fmt: skip


def _draw_law(panel: Any, curve: LearningCurve, law: PowerLaw) -> None:
    first, last, most = curve.points[0].per_class, curve.points[-1].per_class, curve.forecasts[-1].per_class
    for start, end, line, name in ((first, last, "-", "power law"), (last, most, "--", None)):
        x = np.geomspace(start, end, 100)
        panel.plot(x, 1 - law.error(x), line, color=COLOURS[0], linewidth=1.6, label=name)
    _draw_points(panel, [(one.per_class, one.accuracy, one.low, one.high) for one in curve.forecasts], 1, "forecast")
    for one in curve.forecasts:
        place = (one.per_class, one.high)
        panel.annotate(f"{one.times}x", place, xytext=(0, 4), textcoords="offset points", ha="center")


def _label(panel: Any) -> None:
    """Names each doubling of pictures and, between percentages that are apart, accuracies."""
    panel.set_xscale("log", base=2)
    panel.autoscale_view()
    panel.xaxis.set_major_formatter(lambda count, _: f"{count:,.0f}")
    panel.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
    low, high = panel.get_ylim()
    panel.set_ylim(min(low, 0.95), min(high, 1.01))
    panel.set(xlabel="training pictures per class", ylabel="accuracy")
