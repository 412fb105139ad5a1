"""Parallel coordinates: each trial as a line over its settings, to what it came to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.plots.figure import new_figure, save_figure, shortened, style

MOST_TICKS = 8
NEAR = 0.035  # of the axis, within which two words would lie on each other
LONGEST = 26  # letters of a setting's name


def draw_parallel(
    rows: Sequence[Mapping[str, Any]],
    path: Path,
    *,
    logarithmic: Sequence[str] = (),
    title: str = "",
    dark: bool = False,
) -> None:
    """Draws the rows, which have equal keys; the last column, numbers, gives the colour, the highest on top.

    Texts and truth values stand as they come; `logarithmic` columns are numbers above 0.
    """
    import matplotlib as mpl

    columns = list(rows[0])
    with style(dark) as theme:
        figure = new_figure(max(6.0, 1.7 * len(columns)), 4.6)
        panel = figure.subplots()
        heights = np.array([_heights([row[name] for row in rows], name in logarithmic) for name in columns]).T
        order = np.argsort(heights[:, -1])
        colours = mpl.colormaps["viridis"]
        for place in order:
            panel.plot(
                range(len(columns)), heights[place], color=colours(heights[place, -1]), linewidth=1.4, alpha=0.85
            )
        for number, name in enumerate(columns):
            panel.axvline(number, color=theme.faint, linewidth=1)
            for height, words in _ticks([row[name] for row in rows], name in logarithmic):
                panel.annotate(words, (number, height), (4, 0), textcoords="offset points", fontsize=7, va="center")
        panel.set_xticks(range(len(columns)), [shortened(name, LONGEST) for name in columns], rotation=20, ha="right")
        panel.set_yticks([])
        panel.grid(visible=False)
        panel.spines["left"].set_visible(False)
        panel.margins(x=0.06)
        panel.set_title(title)
        save_figure(figure, path)


def _heights(values: Sequence[Any], logarithmic: bool) -> np.ndarray:
    """Returns where values stand on an axis, from 0 to 1."""
    if _are_numbers(values):
        numbers = np.log(np.array(values, float)) if logarithmic else np.array(values, float)
        low, high = numbers.min(), numbers.max()
        scaled: np.ndarray = (numbers - low) / ((high - low) or 1)
        return scaled
    kinds = list(dict.fromkeys(map(str, values)))
    return np.array([kinds.index(str(value)) / max(1, len(kinds) - 1) for value in values])


def _ticks(values: Sequence[Any], logarithmic: bool) -> list[tuple[float, str]]:
    heights = _heights(values, logarithmic)
    words = (f"{value:.3g}" if isinstance(value, float) else str(value) for value in values)
    found = dict(zip(words, heights, strict=True))
    if len(found) > MOST_TICKS and _are_numbers(values):
        low, high = int(np.argmin(heights)), int(np.argmax(heights))
        return [(0.0, f"{values[low]:.3g}"), (1.0, f"{values[high]:.3g}")]
    shown: list[tuple[float, str]] = []
    for text, height in sorted(found.items(), key=lambda pair: float(pair[1])):
        if not shown or height - shown[-1][0] > NEAR:
            shown.append((float(height), text))
    return shown


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
