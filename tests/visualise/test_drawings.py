"""Every kind of picture against the one that was looked at and stored."""

import re

import numpy as np
import pytest
from drawings import DRAWINGS, EXPECTED, heatmaps, maps, seen, shapes
from PIL import Image

from kerasvgg.errors import ConfigError
from kerasvgg.plots.activations import dead_channels, draw_layer_grid, draw_layer_rows, most_active
from kerasvgg.plots.figure import DARK, LIGHT
from kerasvgg.plots.tiles import draw_tiles

LIMIT = 1.0  # of 255, in the mean: text moves a little with a font


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB")).astype(int)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", list(DRAWINGS))
def test_a_picture_is_as_it_was_when_somebody_looked(tmp_path, name, dark):
    stored = EXPECTED / f"{name}{'_dark' if dark else ''}.png"
    DRAWINGS[name](tmp_path / "new.png", dark)
    new, old = pixels(tmp_path / "new.png"), pixels(stored)
    assert stored.stat().st_size < 30_000
    assert np.abs(np.array(new.shape) - old.shape).max() <= 3
    height, width = np.minimum(new.shape, old.shape)[:2]
    assert np.abs(new[:height, :width] - old[:height, :width]).mean() < LIMIT
    assert tuple(new[2, 2]) == tuple(bytes.fromhex((DARK if dark else LIGHT).paper[1:]))


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_margins_are_even_and_nothing_is_cut(tmp_path, name):
    DRAWINGS[name](tmp_path / "new.png", False)
    ink = pixels(tmp_path / "new.png").min(axis=2) < 250
    sides = [side for axis in (0, 1) for side in (ink.any(axis), ink.any(axis)[::-1])]
    assert {int(side.argmax()) for side in sides} <= set(range(15, 25))


@pytest.mark.parametrize("name", list(DRAWINGS))
def test_a_picture_may_be_svg_and_equal_ones_are_equal_files(tmp_path, name):
    for file in ("one.svg", "two.svg"):
        DRAWINGS[name](tmp_path / file, True)
    text = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert text == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert len(re.findall("<image ", text)) >= 2
    assert DARK.paper in text


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ConfigError, match=r"\.png or \.svg"):
        heatmaps(tmp_path / "x.gif", False)


def test_of_many_channels_the_most_active_are_drawn_and_counted(tmp_path):
    draw = np.random.default_rng(0)
    strength = np.linspace(1, 0, 100)
    many = draw.random((5, 5, 100)) * strength  # the last one is dead
    assert most_active(many, 64) == sorted(most_active(many, 64), key=lambda one: -many[..., one].mean())
    assert set(most_active(many, 64)) <= set(range(75))
    assert most_active(many, 100) == list(range(100))
    assert dead_channels(many).nonzero()[0].tolist() == [99]
    draw_layer_grid("block5_conv1", many, seen(), tmp_path / "grid.svg")
    text = (tmp_path / "grid.svg").read_text(encoding="utf-8")
    assert "<!-- 5 x 5 x 100: the 64 most active of 100 channels, each on its own scale; 1 of 100" in text
    assert len(re.findall("<image ", text)) == 66


def test_a_map_without_end_is_drawn_too(tmp_path):
    odd = maps()["conv1"].copy()
    odd[0, 0, 0], odd[..., 1], odd[..., 2] = np.nan, np.inf, np.nan
    draw_layer_grid("conv1", odd, seen(), tmp_path / "grid.png")


def test_of_hundreds_of_layers_some_are_drawn_the_first_and_the_last_among_them(tmp_path):
    layers = {f"layer{i}": np.eye(4)[..., None] for i in range(100)}
    draw_layer_rows(layers, seen(), tmp_path / "rows.svg", title="deep")
    names = re.findall(r"<!-- (layer\d+) -->", (tmp_path / "rows.svg").read_text(encoding="utf-8"))
    assert len(names) == 32
    assert (names[0], names[-1]) == ("layer0", "layer99")


@pytest.mark.parametrize("name", ["$b_{$", "猫", "a very long name of a picture that somebody gave.jpeg" * 2, "<b>"])
def test_odd_names_are_drawn(tmp_path, name):
    draw_tiles([shapes()] * 2, [name] * 2, tmp_path / "tiles.svg", title=name, subtitle=name)
