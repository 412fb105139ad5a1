"""A model's layers as a diagram: a box each, coloured by what it does, and bows where a layer takes an earlier one."""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kerasvgg.errors import ConfigError
from kerasvgg.plots.figure import COLOURS, FAINT, INK, QUIET, new_figure, save_figure, shortened, style

if TYPE_CHECKING:
    from kerasvgg.modelfile.facts.facts import Facts, LayerFacts

MOST_LAYERS, PER_COLUMN = 640, 48
COLUMN, ROW = 7.2, 0.27  # inches
WIDTH = 1.75  # of a box
LONGEST_NAME, LONGEST_TITLE = 30, 90
KINDS = (
    ("convolution", COLOURS[0], ("conv",)),
    ("pooling", COLOURS[1], ("pool", "flatten", "reshape")),
    ("dense", COLOURS[3], ("dense", "embedding", "lstm", "gru")),
    ("normalization", COLOURS[2], ("normalization", "bnorm", "lrn")),
    ("other", COLOURS[7], ("",)),
)


class Row(NamedTuple):
    """A line of the diagram: a layer, or the name of the model that follows, `depth` models deep."""

    layer: "LayerFacts"
    depth: int
    before: tuple[int, ...]


def plot_layers(facts: "Facts", path: Path) -> None:
    """Draws the layers of a model file into a picture at `path`, .png or .svg; frozen ones are pale.

    Raises ConfigError for another suffix or for more than 640 layers.
    """
    rows = _rows(facts.layers)
    if not 0 < len(rows) <= MOST_LAYERS:
        raise ConfigError(f"`--plot` draws 1 to {MOST_LAYERS} layers, received {len(rows):,}")
    columns = math.ceil(len(rows) / PER_COLUMN)
    height = math.ceil(len(rows) / columns)
    with style():
        figure = new_figure(COLUMN * columns, ROW * (height + 3), layout=None)
        panel = figure.add_axes((0, 0, 1, 1))
        panel.set(xlim=(0, COLUMN * columns), ylim=(height + 1.2, -2))
        panel.axis("off")
        for number, row in enumerate(rows):
            _draw_row(panel, row, _place(number, height))
            _draw_jumps(panel, number, row, height)
        _head(panel, facts, {_kind(row.layer) for row in rows if not row.layer.layers})
        save_figure(figure, path)


def _rows(layers: Sequence["LayerFacts"]) -> list[Row]:
    found: list[Row] = []

    def add(listed: Sequence["LayerFacts"], depth: int) -> None:
        places: dict[str, int] = {}
        for layer in listed:
            before = tuple(places[name] for name in layer.takes if name in places)
            found.append(Row(layer, depth, before))
            if layer.layers:
                add(layer.layers, depth + 1)
            places[layer.name] = len(found) - 1

    add(layers, 0)
    return found


def _place(number: int, height: int) -> tuple[float, int]:
    """Returns the middle of a row's box, in inches from the left and rows from the top."""
    return (number // height + 0.48) * COLUMN, number % height


def _kind(layer: "LayerFacts") -> int:
    name = layer.class_name.lower() or ("conv" if any(len(array.shape) == 4 for array in layer.arrays) else "dense")
    if "pool" in name:
        return 1
    return next(i for i, (_, _, words) in enumerate(KINDS) if any(word in name for word in words))


def _draw_row(panel: Any, row: Row, place: tuple[float, int]) -> None:
    from matplotlib.patches import FancyBboxPatch

    (x, y), layer = place, row.layer
    left = x - 0.45 * COLUMN + 0.15 * row.depth
    name = shortened(layer.name, LONGEST_NAME)
    if layer.layers:
        panel.text(left, y, name, va="center", fontsize=9, fontweight="bold", color=INK)
        panel.text(x - WIDTH / 2, y, layer.class_name, va="center", fontsize=8, color=QUIET)
    else:
        panel.text(left, y, name, va="center", fontsize=8.5, color=INK)
        colour = KINDS[_kind(layer)][1]
        shape = (x - WIDTH / 2, y - 0.36), WIDTH, 0.72
        look: Any = {"boxstyle": "round,pad=0,rounding_size=0.12", "mutation_aspect": 1 / ROW}
        pale = 0.25 if layer.trainable is False and layer.parameters else 0.9
        panel.add_patch(FancyBboxPatch(*shape, **look, facecolor=colour, alpha=pale, linewidth=0))
        panel.text(x, y, shortened(_inside(layer), 22), ha="center", va="center", fontsize=7.5, color=_ink(pale))
    panel.text(x + WIDTH / 2 + 0.15, y, _output(layer), va="center", fontsize=8.5, color=INK)
    if layer.parameters:
        panel.text(x + 0.49 * COLUMN, y, f"{layer.parameters:,}", ha="right", va="center", fontsize=8.5, color=QUIET)


def _inside(layer: "LayerFacts") -> str:
    settings = layer.settings
    window = settings.get("kernel_size") or settings.get("pool_size") or settings.get("rate", "")
    return f"{layer.class_name or 'weights'} {window}".strip()


def _ink(alpha: float) -> str:
    return INK if alpha < 0.5 else "white"


def _output(layer: "LayerFacts") -> str:
    sides = layer.output_shape[1:] if layer.output_shape else layer.arrays[0].shape if layer.arrays else ()
    return " x ".join("?" if side is None else str(side) for side in sides)


def _draw_jumps(panel: Any, number: int, row: Row, height: int) -> None:
    """Draws a bow from each layer that is taken, where that is not the one before."""
    for source in row.before:
        (x, y), (from_x, from_y) = _place(number, height), _place(source, height)
        if number - source > 1 and x == from_x:
            side = x - WIDTH / 2 - 0.06
            bow = min(0.08 + 0.02 * (y - from_y), 0.4)
            panel.plot(
                [side, side - bow, side - bow, side], [from_y, from_y + 0.4, y - 0.4, y], color=FAINT, linewidth=1
            )


def _head(panel: Any, facts: "Facts", kinds: set[int]) -> None:
    title = shortened(f"{Path(facts.path).name}  {facts.model}".strip(), LONGEST_TITLE)
    total = "" if facts.parameters is None else f"{facts.parameters:,} parameters"
    panel.text(0.03 * COLUMN, -1.55, title, va="center", fontsize=11, fontweight="bold")
    panel.text(0.97 * COLUMN, -1.55, total, va="center", ha="right", fontsize=9, color=QUIET)
    x = 0.03 * COLUMN
    for name, colour in _legend(kinds):
        panel.text(x, -0.85, f"\u25a0 {name}", va="center", fontsize=8, color=colour)
        x += 0.3 + 0.066 * len(name)


def _legend(kinds: set[int]) -> Iterator[tuple[str, str]]:
    yield from ((name, colour) for i, (name, colour, _) in enumerate(KINDS) if i in kinds)
    yield "pale: frozen", FAINT
