import numpy as np

from kerasvgg.evaluation.power_law import extrapolated
from kerasvgg.plots.learning_curve import draw_learning_curve

SIZES = np.array([10.0, 14, 20, 28, 40])


def curve(mistakes):
    """Of 400 pictures, so many mistakes at the last size, and more before."""
    right = np.arange(400) >= (mistakes * (SIZES[-1] / SIZES) ** 0.5)[:, None]
    return extrapolated(SIZES, right.astype(float), np.arange(400), 50.0)


def test_a_curve_shows_what_was_held_out_its_law_and_what_more_would_bring(drawn, tmp_path):
    draw_learning_curve(curve(60), tmp_path / "a.svg", title="Pets", subtitle="400 pictures")
    texts = drawn(tmp_path / "a.svg").texts
    assert {"Pets", "400 pictures", "held out", "power law", "forecast", "1x", "2x", "4x"} <= set(texts)
    assert {"training pictures per class", "accuracy", "16", "32", "64", "128"} <= set(texts)
    assert "90%" in texts


def test_without_a_law_the_reason_stands_where_the_forecast_would(drawn, tmp_path):
    draw_learning_curve(curve(3), tmp_path / "a.svg")
    texts = drawn(tmp_path / "a.svg").texts
    assert "no forecast: there are 3 mistakes in 400 pictures; 10 are needed" in texts
    assert not {"forecast", "power law", "2x"} & set(texts)


def test_where_all_is_right_the_axis_still_says_what_is_what(drawn, tmp_path):
    draw_learning_curve(curve(0), tmp_path / "a.svg")
    texts = drawn(tmp_path / "a.svg").texts
    percent = [text for text in texts if text.endswith("%")]
    assert len(set(percent)) == len(percent) >= 3


def test_a_curve_is_drawn_the_same_twice_and_in_the_dark(drawn, tmp_path):
    for name, dark in (("a.png", False), ("b.png", False), ("c.png", True)):
        draw_learning_curve(curve(60), tmp_path / name, title="Pets", dark=dark)
    first, again, dark = ((tmp_path / f"{name}.png").read_bytes() for name in "abc")
    assert first == again != dark
