"""Whether a model is right as often as it says, as a picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kerasvgg.evaluation.calibration import Bin, expected_calibration_error
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.plots.figure import COLOURS, new_figure, save_figure, style

AXES = ("right", "probability of the predicted class", "pictures")
AXES_OF_EACH_CLASS = ("there", "probability of a class", "classes of pictures")


def draw_reliability(
    curves: Mapping[str, Sequence[Bin]],
    path: Path,
    *,
    title: str = "",
    subtitle: str = "",
    dark: bool = False,
    axes: tuple[str, str, str] = AXES,
) -> None:
    """Draws, for each named list of bins, how many are right over how sure the model was, and the pictures in each bin.

    A point has the 95 % interval of its bin, the wider the fewer pictures there are. On the diagonal a model is right
    as often as it says; below it, it says too much. `axes` name what is told of each bin, its probability, and what is
    in it.
    """
    with style(dark) as theme:
        figure = new_figure(5.2, 6.6)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        above.plot((0, 1), (0, 1), color=theme.faint, linewidth=1.2, linestyle=":", label="right as often as it says")
        for number, (name, bins) in enumerate(curves.items()):
            _draw_points(above, name, bins, number)
            _draw_counts(below, bins, number, len(curves))
        _label(above, below, axes, max((one.n for bins in curves.values() for one in bins), default=1))
        figure.legend(loc="outside lower center")
        above.set_title(title, pad=26 if subtitle else 10)
        above.annotate(
            subtitle, (0, 1), xytext=(0, 10), xycoords="axes fraction", textcoords="offset points", color=theme.quiet
        )
        save_figure(figure, path)


def _draw_points(panel: Any, name: str, bins: Sequence[Bin], number: int) -> None:
    filled = [one for one in bins if one.n]
    intervals = [wilson(round(one.accuracy * one.n), one.n) for one in filled]
    reach = [
        [max(0.0, one.accuracy - low) for one, (low, _) in zip(filled, intervals, strict=True)],
        [max(0.0, high - one.accuracy) for one, (_, high) in zip(filled, intervals, strict=True)],
    ]
    panel.errorbar(
        [one.confidence for one in filled],
        [one.accuracy for one in filled],
        reach,
        color=COLOURS[number], marker="os"[number % 2], markersize=6, linestyle="", elinewidth=1.2, clip_on=False,
        label=f"{name}: expected calibration error {100 * expected_calibration_error(bins):.1f} %",
    )  # fmt: skip


def _draw_counts(panel: Any, bins: Sequence[Bin], number: int, of: int) -> None:
    width = 1 / len(bins)
    bar = 0.84 * width / of
    left = [(i + 0.08) * width + number * bar for i in range(len(bins))]
    panel.bar(left, [one.n for one in bins], bar, align="edge", color=COLOURS[number])


def _label(above: Any, below: Any, axes: tuple[str, str, str], largest: int) -> None:
    above.set(xlim=(0, 1), ylim=(0, 1), ylabel=axes[0])
    below.set(xlabel=axes[1], ylabel=axes[2])
    below.set_yscale("symlog", linthresh=1)
    ticks = [0, *(10**i for i in range(len(str(max(largest, 1)))))]
    below.set_yticks(ticks, [f"{one:,}" for one in ticks])
    below.set_ylim(0, max(largest, 1) * 1.3)
    below.minorticks_off()
    for axis in (above.xaxis, above.yaxis):
        axis.set_major_formatter(lambda share, _: f"{100 * share:.0f}%")
