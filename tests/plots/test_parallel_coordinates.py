"""Parallel coordinates of trials: every line is there, and words on an axis do not lie on each other."""

from pathlib import Path

import numpy as np
import pytest

from kerasvgg.plots import parallel
from kerasvgg.plots.parallel import draw_parallel


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list:
    """The figures that were drawn."""
    figures = []

    def make(width: float, height: float):
        figures.append(new(width, height))
        return figures[-1]

    new = parallel.new_figure
    monkeypatch.setattr(parallel, "new_figure", make)
    return figures


ROWS = [
    {"rate": 1e-4, "kind": "a<b>", "accuracy": 0.5},
    {"rate": 1e-2, "kind": None, "accuracy": 0.75},
    {"rate": 1.01e-2, "kind": None, "accuracy": 1.0},
]


def test_each_trial_is_a_line_from_its_settings_to_its_result(drawn: list, tmp_path: Path) -> None:
    draw_parallel(ROWS, tmp_path / "p.png", logarithmic=["rate"], title="three")
    (panel,) = drawn[0].axes
    lines = [line for line in panel.lines if len(line.get_xdata()) == 3]
    heights = np.array(sorted((line.get_ydata() for line in lines), key=lambda one: one[2]))
    np.testing.assert_allclose(heights[:, 0], np.log(np.array([1e-4, 1e-2, 1.01e-2]) / 1e-4) / np.log(101))
    np.testing.assert_array_equal(heights[:, 1], [0, 1, 1])
    np.testing.assert_allclose(heights[:, 2], [0, 0.5, 1])
    words = [text.get_text() for text in panel.texts]
    assert "0.0001" in words
    assert ("0.01" in words) != ("0.0101" in words)  # they would lie on each other
    assert {"a<b>", "None", "0.5", "1"} <= set(words)
    assert (tmp_path / "p.png").stat().st_size > 5_000


def test_one_trial_and_equal_values_are_drawn_too(drawn: list, tmp_path: Path) -> None:
    draw_parallel(ROWS[:1], tmp_path / "one.svg")
    draw_parallel([ROWS[0], ROWS[0]], tmp_path / "two.png", dark=True)
    assert (tmp_path / "one.svg").is_file()
    assert (tmp_path / "two.png").is_file()
