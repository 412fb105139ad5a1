"""Every kind of picture of a tiny model. To store them anew: python tests/visualise/drawings.py"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from tiny_models import SIDE, flat

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.augmentation.views import views
from kerasvgg.plots.activations import draw_layer_grid, draw_layer_rows, draw_one_channel
from kerasvgg.plots.heatmaps import Heat, draw_heatmaps
from kerasvgg.plots.sheet import SeenPicture
from kerasvgg.plots.tiles import draw_kernels, draw_tiles, draw_views
from kerasvgg.visualise.class_maps import class_maps, heat
from kerasvgg.visualise.filters import filter_pictures
from kerasvgg.visualise.kernels import kernels
from kerasvgg.visualise.record import activations

EXPECTED = Path(__file__).parent / "expected"


def shapes() -> np.ndarray:
    """A picture uint8 with a slope, a red disc and a blue square."""
    rows, columns = np.indices((SIDE, SIDE))
    pixels = np.stack([rows * 6 + 60, columns * 5 + 80, 150 - rows * 2], axis=-1)
    pixels[np.hypot(rows - 7, columns - 8) < 5] = (220, 40, 30)
    pixels[14:21, 13:21] = (30, 60, 210)
    return pixels.astype(np.uint8)


@cache
def model() -> Any:
    return flat(1)


@cache
def outputs() -> dict[str, np.ndarray]:
    return activations(model(), shapes())


def seen() -> SeenPicture:
    return SeenPicture("shapes.png", shapes(), outputs()["preprocessing"])


def maps() -> dict[str, np.ndarray]:
    return {name: outputs()[name] for name in ("conv1", "pool1", "conv2")}


def rows(path: Path, dark: bool) -> None:
    two = {name: maps()[name] for name in ("pool1", "conv2")}
    draw_layer_rows(two, seen(), path, title="a tiny model", most=4, dark=dark)


def grid(path: Path, dark: bool) -> None:
    draw_layer_grid("conv1", maps()["conv1"], seen(), path, dark=dark)


def channel(path: Path, dark: bool) -> None:
    draw_one_channel(maps(), 3, seen(), path, title="a tiny model", dark=dark)


def heatmaps(path: Path, dark: bool) -> None:
    found = class_maps(model(), shapes())
    pairs = zip(("cat", "dog"), found.maps, found.probabilities, strict=True)
    heats = [Heat(heat(coarse, (SIDE, SIDE)), f"{name}  {share:.1%}", "a remark") for name, coarse, share in pairs]
    draw_heatmaps(seen(), heats, path, title="shapes.png", subtitle=f"Grad-CAM at {found.layer}", dark=dark)


def filters(path: Path, dark: bool) -> None:
    pictures = filter_pictures(model(), "conv2", [0, 1], method="chapter", steps=2, side=24)
    draw_tiles(list(pictures), ["0", "1"], path, title="conv2", subtitle="chapter ascent", dark=dark)


def first_kernels(path: Path, dark: bool) -> None:
    name, found = kernels(model())
    draw_kernels(found, path, title=name, about="a tiny model", common_scale=dark, dark=dark)


def augmented(path: Path, dark: bool) -> None:
    settings = Augmentation(rotation_range=40, zoom_range=0.2, horizontal_flip=True)
    drawn = {"tfdata": views(shapes(), settings, 2), "imagedatagenerator": views(shapes(), settings, 2)}
    draw_views(shapes(), drawn if dark else {"tfdata": drawn["tfdata"]}, path, title="shapes.png", dark=dark)


DRAWINGS: dict[str, Callable[[Path, bool], None]] = {
    one.__name__: one for one in (rows, grid, channel, heatmaps, filters, first_kernels, augmented)
}


if __name__ == "__main__":
    EXPECTED.mkdir(exist_ok=True)
    for drawing, draw in DRAWINGS.items():
        for is_dark in (False, True):
            draw(EXPECTED / f"{drawing}{'_dark' if is_dark else ''}.png", is_dark)
