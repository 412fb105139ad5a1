"""Charts: their numbers stand where they should, and nothing in them is more than a picture."""

import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.ticker import MaxNLocator

from kerasvgg.evaluation.calibration import Bin
from kerasvgg.report.charts import (
    Line,
    bar_chart,
    confusion_chart,
    interval_chart,
    line_chart,
    reliability_chart,
    scatter_chart,
)
from kerasvgg.report.svg import ticks

HOSTILE = '"><script>alert(1)</script>'
NUMBERS = st.floats(-1e6, 1e6).map(lambda number: round(number, 3))


def _parsed(chart: str) -> ElementTree.Element:
    root = ElementTree.fromstring(chart)
    names = {name for one in root.iter() for name in one.attrib}
    assert not [name for name in names if name == "style" or name.startswith("on") or "href" in name]
    assert not [
        one for one in root.iter() if one.tag not in ("svg", "g", "line", "polyline", "circle", "rect", "text", "title")
    ]
    return root


@given(NUMBERS, st.floats(1e-3, 1e6))
def test_ticks_are_round_and_within_and_few(low: float, width: float) -> None:
    found = ticks(low, low + width)
    assert 1 <= len(found) <= 7
    slack = 1e-9 * (abs(low) + width)
    assert all(low - slack <= one <= low + width + slack for one in found)
    theirs = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, low + width)
    inside = theirs[(theirs >= low - slack) & (theirs <= low + width + slack)]
    assert len(found) >= len(inside) - 1


def test_lines_stand_where_their_numbers_are_and_leave_gaps() -> None:
    points = [(1.0, 0.5), (2.0, math.nan), (3.0, 0.75), (4.0, 1.0)]
    chart = line_chart(
        [Line("training", points, "s1", ring=4.0)], "accuracy", "epoch", percent=True, marks={2.5: "head"}
    )
    root = _parsed(chart)
    lines = [one.attrib["points"].split() for one in root.iter("polyline")]
    assert [len(line) for line in lines] == [1, 2]
    first, third, fourth = (tuple(map(float, place.split(","))) for line in lines for place in line)
    assert (third[0] - first[0]) / (fourth[0] - first[0]) == pytest.approx(2 / 3, abs=1e-3)
    assert (first[1] - third[1]) / (first[1] - fourth[1]) == pytest.approx(1 / 2, abs=1e-3)
    told = [one.text for one in root.iter("title")]
    assert "training, epoch 3: 75.0 %" in told
    assert len([one for one in root.iter("circle") if one.attrib["class"].startswith("ring")]) == 1
    assert [one.text for one in root.iter("text") if one.text == "head"]


def test_nothing_is_drawn_of_nothing() -> None:
    assert line_chart([Line("x", [(1, math.nan)], "s1")], "x", "epoch", percent=False, marks={}) == ""
    assert line_chart([], "x", "epoch", percent=False, marks={}) == ""
    assert bar_chart([], "x", []) == scatter_chart([], "x", "width") == confusion_chart([], [], "x") == ""
    assert confusion_chart(np.eye(21, dtype=int).tolist(), [str(one) for one in range(21)], "x") == ""


def test_a_matrix_has_its_counts_in_rows_and_columns() -> None:
    root = _parsed(confusion_chart([[5, 0, 1], [0, 7, 0], [2, 0, 3]], ("a", "b", "c"), "confusion"))
    cells = list(root.iter("rect"))
    assert len(cells) == 9
    told = [one.find("title").text for one in cells]
    assert told[2] == "1 of a were called c (16.7%)"
    assert told[6] == "2 of c were called a (40.0%)"
    assert len({one.attrib["x"] for one in cells}) == len({one.attrib["y"] for one in cells}) == 3
    assert "right" in cells[4].attrib["class"]
    assert "h10" in cells[4].attrib["class"]


def test_bars_are_as_long_as_their_counts() -> None:
    root = _parsed(
        bar_chart([("cat", [("train", 30), ("test", 10)]), ("dog", [("train", 20)])], "pictures", ("train", "test"))
    )
    widths = [float(one.attrib["width"]) for one in root.iter("rect")]
    assert widths[0] / widths[1] == pytest.approx(3, abs=0.01)
    assert widths[0] / widths[2] == pytest.approx(1.5, abs=0.01)


def test_a_bin_has_wilson_s_interval() -> None:
    root = _parsed(reliability_chart({"model": [Bin(0, math.nan, math.nan), Bin(10, 0.9, 0.8)]}, "calibration", "p"))
    told = [one.text for one in root.iter("title")]
    assert told == ["model: 10 at 90.0%, 80.0% right (49.0% to 94.3%)"]  # Wilson 1927, as statsmodels has it


def test_a_name_is_never_more_than_a_name() -> None:
    charts = (
        line_chart([Line(HOSTILE, [(1, 1), (2, 2)], "s1")], HOSTILE, HOSTILE, percent=False, marks={1.5: HOSTILE}),
        reliability_chart({HOSTILE: [Bin(3, 0.5, 0.5)]}, HOSTILE, HOSTILE),
        bar_chart([(HOSTILE, [(HOSTILE, 3)])], HOSTILE, [HOSTILE]),
        confusion_chart([[1]], (HOSTILE,), HOSTILE),
        interval_chart([(HOSTILE, 0.1, 0.2, 0.3, "s1")], HOSTILE),
    )
    for chart in charts:
        root = _parsed(chart)
        assert "script" not in {one.tag for one in root.iter()}
        assert not re.search("<script", chart)
