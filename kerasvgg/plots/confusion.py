"""The confusion matrix as a picture."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from kerasvgg.plots.figure import COLOURS, Theme, new_figure, save_figure, shortened, style

EMPTY = {"#ffffff": "#f7f7f7", "#0f1419": "#1a2129"}  # a cell of nothing, by the paper's colour
ZERO = {"#ffffff": "#c4c9cf", "#0f1419": "#3d4751"}  # and its number
LONGEST_NAME = 28
MOST_NUMBERS, MOST_NAMES = 60, 200  # with more classes than these there is no room for them
MOST_RATES = 30


def draw_confusion(
    matrix: Sequence[Sequence[int]],
    class_names: Sequence[str],
    path: Path,
    title: str = "",
    *,
    subtitle: str = "",
    dark: bool = False,
) -> None:
    """Draws counts with their shares of the row (rows: true class, columns: predicted class), shaded by the share.

    What is right is blue, what is wrong is orange, stronger than its share so that few mistakes show too.
    """
    import numpy as np

    counts = np.asarray(matrix)
    classes = len(counts)
    cell = min(max(0.5, min(1.1, 6 / classes)), 24 / classes)  # inches
    strength = _strength(counts)
    with style(dark) as theme:
        figure = new_figure(classes * cell, classes * cell, layout=None)
        panel = figure.add_axes((0, 0, 1, 1))
        panel.set_title(title, pad=24 if subtitle else 10)
        panel.annotate(
            subtitle, (0, 1), xytext=(0, 9), xycoords="axes fraction", textcoords="offset points", color=theme.quiet
        )
        panel.set_xlabel("predicted", labelpad=8)
        panel.set_ylabel("true", labelpad=8)
        panel.imshow(_shades(strength, theme), interpolation="nearest")
        panel.spines[:].set_visible(False)
        panel.grid(False)
        if classes <= MOST_NUMBERS:
            _write_numbers(panel, counts, strength, cell, theme)
        _name_classes(panel, class_names if classes <= MOST_NAMES else ())
        _turn_if_crowded(figure, panel)
        save_figure(figure, path)


def _strength(counts: Any) -> Any:
    import numpy as np

    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return np.where(np.eye(len(counts), dtype=bool), share, np.sqrt(share))


def _shades(strength: Any, theme: Theme) -> Any:
    import numpy as np
    from matplotlib.colors import to_rgb

    right, wrong, empty = (np.array(to_rgb(colour)) for colour in (*COLOURS[:2], EMPTY[theme.paper]))
    full = np.where(np.eye(len(strength), dtype=bool)[..., None], right, wrong)
    return empty + (full - empty) * strength[..., None]


def _write_numbers(panel: Any, counts: Any, strength: Any, cell: float, theme: Theme) -> None:
    import numpy as np

    size = min(11, 72 * cell * 0.85 / (0.64 * len(f"{counts.max():,}")))
    with_rates = len(counts) <= MOST_RATES
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for (row, column), count in np.ndenumerate(counts):
        colour = "white" if strength[row, column] > 0.55 else theme.ink if count else ZERO[theme.paper]
        look = {"ha": "center", "color": colour}
        rate = with_rates and count > 0
        panel.text(column, row, f"{count:,}", va="bottom" if rate else "center", fontsize=size, **look)
        if rate:
            small = min(8, 72 * cell * 0.85 / (0.6 * 6))
            panel.text(column, row + 0.08, _percent(share[row, column]), va="top", fontsize=small, **look)
    lines = np.arange(1, len(counts)) - 0.5
    panel.hlines(lines, -0.5, len(counts) - 0.5, color=theme.paper, linewidth=2)
    panel.vlines(lines, -0.5, len(counts) - 0.5, color=theme.paper, linewidth=2)


def _percent(share: float) -> str:
    return "100%" if share == 1 else f"{100 * share:.1f}%"


def _name_classes(panel: Any, class_names: Sequence[str]) -> None:
    names = [shortened(name, LONGEST_NAME) for name in class_names]
    size = 10 if len(names) <= MOST_NUMBERS else 7
    panel.set_xticks(range(len(names)), names)
    panel.set_yticks(range(len(names)), names)
    panel.tick_params(length=0, labelsize=size)


def _turn_if_crowded(figure: Any, panel: Any) -> None:
    figure.draw_without_rendering()
    boxes = [label.get_window_extent() for label in panel.get_xticklabels()]
    if any(left.x1 + 6 > right.x0 for left, right in pairwise(boxes)):
        panel.tick_params(axis="x", rotation=90 if len(boxes) > MOST_NUMBERS else 45)
        for label in panel.get_xticklabels():
            label.set(ha="right", va="center" if len(boxes) > MOST_NUMBERS else "top", rotation_mode="anchor")
