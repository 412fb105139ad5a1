import re

import numpy as np
import pytest
from PIL import Image

from kerasvgg.plots.confusion import draw_confusion


def matrix(classes, right=90, wrong=7):
    counts = np.eye(classes, dtype=int) * right
    counts[np.arange(classes), (np.arange(classes) + 1) % classes] += wrong
    return counts.tolist()


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("suffix", [".png", ".svg"])
@pytest.mark.parametrize("classes", [2, 20])
def test_a_matrix_is_drawn_without_a_display(tmp_path, suffix, classes):
    draw_confusion(matrix(classes), [f"class {i}" for i in range(classes)], tmp_path / f"confusion{suffix}")
    assert [path.name for path in tmp_path.iterdir()] == [f"confusion{suffix}"]


def test_counts_names_and_title_are_shown_with_true_classes_as_rows(tmp_path, drawn):
    draw_confusion([[1210, 34], [5, 678]], ("cat", "dog"), tmp_path / "confusion.svg", "test, 1,927 pictures")
    confusion = drawn(tmp_path / "confusion.svg")
    assert {"cat", "dog", "true", "predicted", "test, 1,927 pictures"} <= set(confusion.texts)
    (right, top), (left, bottom) = confusion.place("34"), confusion.place("5")
    assert left < right
    assert top < bottom
    assert confusion.place("1,210")[1] == pytest.approx(top)


@pytest.mark.sampled(by_default=6)
@pytest.mark.parametrize(
    ("classes", "name"), [(2, "cat"), (2, "a class with a name of many words, too many"), (10, "{}"), (20, "class {}")]
)
def test_nothing_is_clipped_and_the_margins_are_even(tmp_path, drawn, classes, name):
    draw_confusion(
        matrix(classes), [name.format(i) for i in range(classes)], tmp_path / "c.png", "test, 1,000 pictures"
    )
    margins = drawn(tmp_path / "c.png").margins
    assert min(margins) >= 14
    assert max(margins) <= 22


@pytest.mark.parametrize(
    ("names", "turned"),
    [
        (("cat", "dog"), False),
        (tuple("0123456789"), False),
        (("daisy", "dandelion", "rose", "sunflower", "tulip"), False),
        (("a class with a long name", "another long name"), True),
        (tuple(f"species {i}" for i in range(10)), True),
    ],
)
def test_names_are_turned_only_where_they_would_collide(tmp_path, drawn, names, turned):
    draw_confusion(matrix(len(names)), names, tmp_path / "confusion.svg")
    assert drawn(tmp_path / "confusion.svg").turned(names[0]) == turned


def test_long_names_keep_their_beginning_and_end(tmp_path, drawn):
    names = [f"a very long name of a class that differs at its end {i}" for i in range(2)]
    draw_confusion(matrix(2), names, tmp_path / "confusion.svg")
    shown = {text for text in drawn(tmp_path / "confusion.svg").texts if text.startswith("a very")}
    assert {text[-1] for text in shown} == {"0", "1"}
    assert all(len(text) < 30 for text in shown)


@pytest.mark.sampled(by_default=3)
@pytest.mark.parametrize("name", ["$b_{$", "$", "猫", "🐶", "_hidden", "two\nlines", "", "a\\b", "<b>&amp;"])
def test_odd_names_are_drawn(tmp_path, name):
    draw_confusion(matrix(2), (name, "other"), tmp_path / "confusion.svg", title=name)


def test_right_is_blue_wrong_is_orange_and_zero_is_quiet(tmp_path):
    draw_confusion([[95, 5, 0], [0, 100, 0], [0, 0, 100]], "abc", tmp_path / "confusion.png")
    with Image.open(tmp_path / "confusion.png") as picture:
        counts = {colour: count for count, colour in picture.convert("RGB").getcolors(1 << 20) if count > 5000}
    blue = [red < blue - 50 for red, _, blue in counts]
    orange = [red > blue + 20 for red, _, blue in counts]
    gray = [max(colour) - min(colour) < 3 and max(colour) < 255 for colour in counts]
    assert (sum(blue), sum(orange), sum(gray)) == (2, 1, 1)


@pytest.mark.slow
def test_numbers_of_any_length_stay_in_their_cells(tmp_path, drawn):
    sizes = []
    for count in (7, 1_234_567):
        draw_confusion([[count] * 12] * 12, [str(i) for i in range(100, 112)], tmp_path / "confusion.svg")
        found = re.search(rf"<!-- {count:,} -->\s*<g [^>]*scale\(([\d.]+)", drawn(tmp_path / "confusion.svg").svg)
        sizes.append(float(found[1]) * 100)
    assert sizes[0] == pytest.approx(11)
    assert sizes[1] * 0.636 * len("1,234,567") < 36  # points: the cell's width, and a digit's share of the font size


def test_a_class_without_pictures_is_an_empty_row(tmp_path, drawn):
    draw_confusion([[3, 1], [0, 0]], ("a", "b"), tmp_path / "confusion.svg")
    assert drawn(tmp_path / "confusion.svg").texts.count("0") == 2


@pytest.mark.slow
def test_hundreds_of_classes_are_drawn_as_shades_alone(tmp_path, drawn):
    draw_confusion(matrix(300), [f"class {i}" for i in range(300)], tmp_path / "confusion.svg")
    assert set(drawn(tmp_path / "confusion.svg").texts) == {"true", "predicted"}
    draw_confusion(matrix(70), [f"class {i}" for i in range(70)], tmp_path / "confusion.svg")
    texts = drawn(tmp_path / "confusion.svg").texts
    assert "class 69" in texts
    assert "90" not in texts


@pytest.mark.parametrize("dark", [False, True])
def test_a_count_has_its_share_of_the_true_class_below_it(tmp_path, drawn, dark):
    draw_confusion([[488, 12], [0, 495]], ("cat", "dog"), tmp_path / "c.svg", "t", subtitle="a quiet line", dark=dark)
    confusion = drawn(tmp_path / "c.svg")
    shown = [text for text in confusion.texts if text[-1:] == "%"]
    assert shown == ["97.6%", "2.4%", "100%"]  # nothing below a zero
    assert confusion.place("488")[1] < confusion.place("97.6%")[1] < confusion.place("495")[1]
    assert confusion.place("t")[1] < confusion.place("a quiet line")[1] < confusion.place("488")[1]


@pytest.mark.slow
def test_many_classes_have_no_room_for_shares(tmp_path, drawn):
    draw_confusion(matrix(31), [str(i) for i in range(31)], tmp_path / "c.svg")
    assert [text for text in drawn(tmp_path / "c.svg").texts if "%" in text] == []
