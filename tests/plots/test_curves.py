import math
import re

import pytest
from PIL import Image
from scipy.signal import lfilter

from kerasvgg.errors import ConfigError
from kerasvgg.plots.curves import draw_curves, smooth
from kerasvgg.plots.figure import COLOURS

POINTS = [0.5, 0.7, 0.65, 0.9, 0.88, 0.1, 0.95, 0.96]


def history(epochs, phases=("all",), value=lambda epoch: 0.9 - 0.8 / (epoch + 1)):
    """Rows as training writes them; the epochs are shared out evenly among the phases."""
    figures = ("loss", "accuracy", "val_loss", "val_accuracy")
    return [
        {"phase": phases[i * len(phases) // epochs], "epoch": i + 1, **{name: value(i + 1) for name in figures}}
        for i in range(epochs)
    ]


@pytest.mark.parametrize("factor", [0.1, 0.5, 0.8, 0.99])
def test_smoothing_is_the_recursive_filter_that_starts_at_the_first_point(factor):
    theirs, _ = lfilter([1 - factor], [1, -factor], POINTS, zi=[factor * POINTS[0]])
    assert smooth(POINTS, factor) == pytest.approx(list(theirs), rel=1e-12)


def test_the_chapters_factor_is_the_default():
    assert smooth([1.0, 0.0, 0.0]) == pytest.approx([1.0, 0.8, 0.64])


def test_factor_0_leaves_the_points_as_they_are():
    assert smooth(POINTS, 0) == POINTS


@pytest.mark.parametrize("factor", [0.0, 0.5, 0.999])
def test_the_first_point_stays(factor):
    assert smooth(POINTS, factor)[0] == POINTS[0]


def test_the_average_goes_on_behind_what_is_no_number():
    smoothed = smooth([math.nan, 1.0, math.inf, math.nan, 3.0], 0.5)
    assert [smoothed[1], smoothed[4]] == [1.0, 2.0]
    assert not any(map(math.isfinite, (smoothed[0], *smoothed[2:4])))


def test_nothing_smoothed_is_nothing():
    assert smooth([], 0.8) == []


@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_curves_are_drawn_without_a_display(tmp_path, suffix):
    draw_curves({"": history(5)}, tmp_path / f"curves{suffix}")
    if suffix == ".png":
        with Image.open(tmp_path / "curves.png") as picture:
            assert (picture.format, picture.width > 1000) == ("PNG", True)
    assert [path.name for path in tmp_path.iterdir()] == [f"curves{suffix}"]


@pytest.mark.sampled(by_default=2, slow=99)
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_equal_histories_give_equal_files(tmp_path, suffix):
    for name in ("one", "two"):
        draw_curves({"": history(5)}, tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"one{suffix}").read_bytes() == (tmp_path / f"two{suffix}").read_bytes()


def test_another_kind_of_picture_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(ConfigError, match=r"\.png or \.svg, received .*curves\.gif"):
        draw_curves({"": history(2)}, tmp_path / "curves.gif")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.sampled(by_default=6, slow=99)
@pytest.mark.parametrize(
    "histories",
    [
        {"": history(1)},
        {"": history(100, ("head", "block5+head"))},
        {"": history(9, ("head", "a_very_long_phase_" * 5, "all"))},
        {"w" * 60: history(4), "long names " * 5: history(8), "c": history(2)},
        {f"run {i}": history(3 + i) for i in range(12)},
    ],
    ids=["one epoch", "two phases", "a long phase", "long names", "twelve runs"],
)
def test_nothing_is_clipped_and_the_margins_are_even(tmp_path, drawn, histories):
    draw_curves(histories, tmp_path / "curves.png", title="A title" * 3)
    margins = drawn(tmp_path / "curves.png").margins
    assert min(margins) >= 14
    assert max(margins) <= 22


def test_one_run_has_a_colour_for_training_and_another_for_validation(tmp_path, drawn):
    draw_curves({"": history(5)}, tmp_path / "curves.svg")
    curves = drawn(tmp_path / "curves.svg")
    assert all(colour in curves.svg for colour in COLOURS[:2])
    assert not any(colour in curves.svg for colour in COLOURS[2:])
    assert {"training", "training, smoothed", "validation", "validation, smoothed"} <= set(curves.texts)


def test_the_legend_stands_below_the_panels(tmp_path, drawn):
    draw_curves({"": history(5)}, tmp_path / "curves.svg")
    curves = drawn(tmp_path / "curves.svg")
    assert curves.place("validation, smoothed")[1] > curves.place("epoch")[1] + 10


def test_several_runs_have_a_colour_and_a_name_each(tmp_path, drawn):
    draw_curves({name: history(5) for name in ("best", "vgg", "book")}, tmp_path / "curves.svg")
    curves = drawn(tmp_path / "curves.svg")
    assert [colour in curves.svg for colour in COLOURS[:4]] == [True, True, True, False]
    assert {"best", "vgg", "book", "training", "validation", "not smoothed"} <= set(curves.texts)


@pytest.mark.slow
def test_raw_curves_are_faint_and_only_there_if_smoothed_ones_are(tmp_path, drawn):
    draw_curves({"": history(5)}, tmp_path / "both.svg")
    draw_curves({"": history(5)}, tmp_path / "raw.svg", factor=0)
    both, raw = drawn(tmp_path / "both.svg"), drawn(tmp_path / "raw.svg")
    assert len(re.findall(r"stroke-opacity: 0\.3", both.svg)) == 3  # in two panels and the legend
    assert "opacity: 0.3" not in raw.svg
    assert not [text for text in raw.texts if "smoothed" in text]


def test_the_title_and_odd_names_are_shown_as_they_are(tmp_path, drawn):
    draw_curves({"_$b_{$": history(3), "猫": history(3)}, tmp_path / "curves.svg", title="5 $ for $_")
    assert {"5 $ for $_", "_$b_{$", "猫"} <= set(drawn(tmp_path / "curves.svg").texts)


@pytest.mark.slow
def test_one_epoch_is_seen_and_numbered_1(tmp_path, drawn):
    rows = [{**row, "loss": 1.9, "val_loss": 3.7, "val_accuracy": 0.4} for row in history(1)]
    draw_curves({"": rows}, tmp_path / "curves.svg")
    assert [text for text in drawn(tmp_path / "curves.svg").texts if text in ("0.8", "1", "1.2")] == ["1", "1"]
    draw_curves({"": rows}, tmp_path / "curves.png", factor=0)
    with Image.open(tmp_path / "curves.png") as picture:
        panels = picture.convert("RGB").crop((0, 0, picture.width, int(picture.height * 0.8)))
        counts = {colour: count for count, colour in panels.getcolors(1 << 20)}
    assert all(counts.get(tuple(bytes.fromhex(colour[1:])), 0) > 20 for colour in COLOURS[:2])


@pytest.mark.sampled(by_default=3, slow=99)
@pytest.mark.parametrize("start", [0.7, 0.999, 1.0])
def test_accuracy_is_in_percent_and_ends_at_100(tmp_path, drawn, start):
    draw_curves({"": history(4, value=lambda epoch: start if epoch < 3 else 1.0)}, tmp_path / "curves.svg")
    texts = drawn(tmp_path / "curves.svg").texts
    assert "100%" in texts
    assert not [text for text in texts if text.startswith("10") and text.endswith("%") and text != "100%"]


def test_phases_are_named_in_one_row_where_they_have_room(tmp_path, drawn):
    draw_curves({"": history(20, ("head", "block5+head"))}, tmp_path / "curves.svg")
    curves = drawn(tmp_path / "curves.svg")
    (x1, y1), (x2, y2) = curves.place("head"), curves.place("block5+head")
    assert y1 == y2
    assert x2 > x1 + 100
    assert curves.place("Accuracy")[1] < y1


@pytest.mark.very_slow
def test_names_of_short_phases_are_stacked_so_that_they_do_not_collide(tmp_path, drawn):
    names = ("first stage", "second stage", "third stage")
    rows = [{**row, "phase": names[min(row["epoch"] - 1, 2)]} for row in history(40)]
    draw_curves({"": rows}, tmp_path / "curves.svg")
    curves = drawn(tmp_path / "curves.svg")
    heights = [curves.place(name)[1] for name in names]
    assert heights[0] > heights[1] > heights[2] > curves.place("Accuracy")[1]


@pytest.mark.sampled(by_default=2, slow=99)
@pytest.mark.parametrize("name", ["a last phase with a long name", "block4_conv1+" * 12 + "head"])
def test_a_phase_without_room_for_its_name_takes_none_from_the_panels(tmp_path, drawn, name):
    for last in ("all", name):
        rows = [{**row, "phase": last if row["epoch"] > 28 else "head"} for row in history(30)]
        draw_curves({"": rows}, tmp_path / f"{last[:3]}.svg")
    short, long = drawn(tmp_path / "all.svg"), drawn(tmp_path / f"{name[:3]}.svg")
    for text in ("epoch", "Loss"):  # the middle of a panel, and where one begins
        assert long.place(text)[0] == pytest.approx(short.place(text)[0], abs=1)


@pytest.mark.very_slow
@pytest.mark.slow
def test_of_hundreds_of_phases_the_first_hundred_are_named(tmp_path, drawn):
    rows = history(300, [f"p{number}" for number in range(300)])
    draw_curves({"": rows}, tmp_path / "curves.svg")
    named = [text for text in drawn(tmp_path / "curves.svg").texts if re.fullmatch(r"p\d+", text)]
    assert len(set(named)) == 100


def test_a_single_phase_is_not_marked(tmp_path, drawn):
    draw_curves({"": history(5, ("head",))}, tmp_path / "curves.svg")
    assert "head" not in drawn(tmp_path / "curves.svg").texts


@pytest.mark.sampled(by_default=4, slow=99)
@pytest.mark.parametrize("value", [math.nan, math.inf, 0.0, 1.0])
def test_a_diverged_or_constant_run_is_drawn_too(tmp_path, value):
    draw_curves({"": history(4, value=lambda _: value)}, tmp_path / "curves.svg")


@pytest.mark.sampled(by_default=3, slow=99)
@pytest.mark.parametrize("histories", [{}, {"": []}, {"a": [], "b": history(2)}])
def test_runs_without_epochs_are_no_trouble(tmp_path, histories):
    draw_curves(histories, tmp_path / "curves.svg")


def iterations(count, value=lambda i: 0.9 - 0.8 / (i + 1)):
    """Rows as training notes its batches."""
    return [
        {"phase": "all", "epoch": 1 + i // 100, "iteration": i + 1, "loss": value(i), "accuracy": value(i)}
        for i in range(count)
    ]


def test_the_best_epoch_by_validation_is_ringed_and_named(tmp_path, drawn):
    rows = history(6, value=lambda epoch: 0.5 + 0.1 * (epoch == 4))
    draw_curves({"": rows}, tmp_path / "curves.svg")
    assert "best epoch, 4" in drawn(tmp_path / "curves.svg").texts
    equal = [{**row, "val_accuracy": 0.7, "val_loss": loss} for row, loss in zip(rows, [3, 1, 1, 2, 5, 6], strict=True)]
    draw_curves({"": equal}, tmp_path / "equal.svg")
    assert "best epoch, 2" in drawn(tmp_path / "equal.svg").texts


@pytest.mark.slow
def test_iterations_have_an_axis_of_their_own_and_no_validation(tmp_path, drawn):
    draw_curves({"": iterations(300)}, tmp_path / "curves.svg")
    texts = drawn(tmp_path / "curves.svg").texts
    assert texts.count("iteration") == 2
    assert {"training", "training, smoothed"} <= set(texts)
    assert not [text for text in texts if "validation" in text or "epoch" in text]
    draw_curves({"a": iterations(300), "b": iterations(200)}, tmp_path / "two.svg")
    assert {"a", "b"} <= set(drawn(tmp_path / "two.svg").texts)


def test_epochs_and_iterations_do_not_go_into_one_picture(tmp_path):
    with pytest.raises(ConfigError, match="all be drawn over epochs or all over iterations"):
        draw_curves({"a": iterations(3), "b": history(3)}, tmp_path / "curves.svg")
    assert list(tmp_path.iterdir()) == []


def test_the_loss_can_be_on_a_log_scale_with_plain_numbers(tmp_path, drawn):
    rows = [{**row, "loss": 10.0 ** -row["epoch"], "val_loss": 1.0} for row in history(4)]
    draw_curves({"": rows}, tmp_path / "curves.svg", log=True)
    texts = drawn(tmp_path / "curves.svg").texts
    assert {"1", "0.1", "0.01", "0.001"} <= set(texts)
    assert not [text for text in texts if "math" in text]
    heights = [drawn(tmp_path / "curves.svg").place(text)[1] for text in ("0.1", "0.01", "0.001")]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], rel=0.01)


@pytest.mark.very_slow
def test_a_dark_ground_is_dark_with_light_letters(tmp_path):
    draw_curves({"": history(5)}, tmp_path / "dark.png", dark=True)
    with Image.open(tmp_path / "dark.png") as picture:
        colours = sorted(picture.convert("L").getcolors(), reverse=True)
        assert colours[0][1] < 40
        assert max(level for _, level in colours) > 200


@pytest.mark.slow
@pytest.mark.sampled(by_default=2)
@pytest.mark.parametrize("zeros", [1, 5])
def test_a_loss_of_zero_is_a_gap_on_a_log_scale(tmp_path, zeros):
    rows = [{**row, "loss": row["loss"] * (row["epoch"] > zeros), "val_loss": 0.5} for row in history(5)]
    draw_curves({"": rows}, tmp_path / "curves.png", log=True)
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.height < 700


@pytest.mark.sampled(by_default=2, slow=99)
@pytest.mark.parametrize("loss", [0.0, math.nan])
def test_without_any_loss_above_zero_there_is_no_log_scale(tmp_path, loss):
    rows = [{**row, "loss": loss, "val_loss": loss} for row in history(3)]
    draw_curves({"": rows}, tmp_path / "curves.png", log=True)
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.height < 700
