"""Where one phase of training ends and the next begins."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from kerasvgg.plots.figure import FAINT, QUIET, shortened

LONGEST_NAME = 40
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
        name = _name_at(panel, epoch - 0.5, shortened(phase, LONGEST_NAME))
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
