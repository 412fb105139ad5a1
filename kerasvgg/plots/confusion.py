"""The confusion matrix as a picture."""

from collections.abc import Sequence
from pathlib import Path

from kerasvgg.plots.figure import STYLE, new_figure, save_figure


def draw_confusion(matrix: Sequence[Sequence[int]], class_names: Sequence[str], path: Path, title: str = "") -> None:
    """Draws counts (rows: true class, columns: predicted class), shaded by the share of the row."""
    import matplotlib as mpl
    import numpy as np

    counts = np.asarray(matrix)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.6 + 0.62 * len(class_names)
    with mpl.rc_context({**STYLE, "axes.grid": False}):
        figure = new_figure(side + 0.6, side)
        panel = figure.subplots()
        panel.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for (row, column), count in np.ndenumerate(counts):
            colour = "white" if share[row, column] > 0.5 else "black"
            panel.text(column, row, f"{count:,}", ha="center", va="center", color=colour)
        panel.set(title=title, xlabel="predicted", ylabel="true")
        panel.set_xticks(range(len(class_names)), class_names, rotation=45 if len(class_names) > 4 else 0)
        panel.set_yticks(range(len(class_names)), class_names)
        save_figure(figure, path)
