import numpy as np
import pytest

from kerasvgg.evaluation.calibration import Bin, reliability
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.plots.pictures import MOST, Captioned, draw_captioned, draw_mistakes
from kerasvgg.plots.reliability import draw_reliability

GRAY = np.full((16, 24, 3), 128, np.uint8)


def predictions(wrong, right=5):
    mistakes = [Prediction(f"in/{i}.jpg", "dog", "cat", (0.6 + i / 1000, 0.4 - i / 1000)) for i in range(wrong)]
    return [*mistakes, *[Prediction("right.jpg", "dog", "dog", (0.01, 0.99))] * right]


@pytest.mark.parametrize("dark", [False, True])
def test_mistakes_are_shown_with_what_was_said_and_what_is_true(tmp_path, drawn, dark):
    asked = []
    path = tmp_path / "mistakes.svg"
    assert draw_mistakes(predictions(3), lambda name: asked.append(name) or GRAY, path, title="98 %", dark=dark)
    texts = drawn(path).texts
    assert asked == ["in/2.jpg", "in/1.jpg", "in/0.jpg"]
    assert {"98 %", "said cat 60.2%", "is dog", "2.jpg"} <= set(texts)
    assert "3 of 8 pictures were taken for another class; the most confident first" in texts
    assert "right.jpg" not in texts


def test_where_all_is_right_there_is_no_picture(tmp_path):
    assert not draw_mistakes(predictions(0), lambda _: GRAY, tmp_path / "mistakes.png")
    assert list(tmp_path.iterdir()) == []


def test_of_many_mistakes_the_worst_are_shown_and_their_number_said(tmp_path, drawn):
    draw_mistakes(predictions(100), lambda _: GRAY, tmp_path / "mistakes.svg")
    texts = drawn(tmp_path / "mistakes.svg").texts
    assert sum(text.endswith(".jpg") for text in texts) == MOST
    assert f"100 of 105 pictures were taken for another class; these are the {MOST} most confident" in texts


def test_pictures_that_are_gone_leave_empty_boxes(tmp_path, drawn):
    draw_mistakes(predictions(2), lambda _: None, tmp_path / "mistakes.svg")
    assert {"0.jpg", "1.jpg"} <= set(drawn(tmp_path / "mistakes.svg").texts)
    draw_captioned([Captioned(None, ("a",)), Captioned(GRAY, ("b",))], tmp_path / "two.png")
    assert (tmp_path / "two.png").is_file()


@pytest.mark.parametrize("dark", [False, True])
def test_reliability_is_told_before_and_after(tmp_path, drawn, dark):
    before = reliability(np.array([0.95, 0.97, 0.6]), np.array([True, False, True]))
    after = reliability(np.array([0.8, 0.8, 0.6]), np.array([True, False, True]))
    path = tmp_path / "reliability.svg"
    draw_reliability({"as trained": before, "T 2": after}, path, title="66 %", subtitle="test", dark=dark)
    texts = drawn(path).texts
    assert {"66 %", "test", "as trained: expected calibration error 44.0 %"} <= set(texts)
    assert "T 2: expected calibration error 33.3 %" in texts


def test_reliability_of_nothing_is_drawn(tmp_path):
    draw_reliability({"a": [Bin(0, float("nan"), float("nan"))] * 15}, tmp_path / "r.png")
    assert (tmp_path / "r.png").is_file()
