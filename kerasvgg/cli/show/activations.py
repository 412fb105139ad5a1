"""kerasvgg show activations"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerasvgg.cli.show.output import Dark, Image, Model, Output, Preprocessing, Size

if TYPE_CHECKING:
    import numpy as np

    from kerasvgg.plots.sheet import SeenPicture

ALL = "all"
MOST = 64
Layers = Annotated[
    list[str] | None, typer.Option(help="A layer whose channels to draw as a grid, or all; may be repeated.")
]


def activations(
    model: Model,
    image: Image = "",
    *,
    layer: Layers = None,
    channel: Annotated[int | None, typer.Option(min=0, help="Draw this one channel of every layer.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1024, help="How many channels a grid may have.")] = MOST,
    image_size: Size = None,
    output: Output = None,
    dark: Dark = False,
    preprocessing: Preprocessing = "",
) -> None:
    """Draw what every layer makes of a picture, and print the layers' shapes.

    Of each layer a row with its most active channels; with --layer a grid of all; with --channel the same one of each.
    """
    from kerasvgg.cli.show.output import opened, word_of
    from kerasvgg.cli.show.subject import check_size, size_word
    from kerasvgg.errors import ConfigError

    if layer and channel is not None:
        raise ConfigError("`--layer` and `--channel` exclude each other, received both")
    check_size(image_size)
    subject, target = opened(model, preprocessing, output)
    file = subject.file(image)
    pixels, seen = subject.picture(file, image_size)
    maps, seen = _feature_maps(subject.model, pixels, seen)
    named: dict[str, Any] = {"size": size_word(image_size), "preprocessing": preprocessing, "dark": dark}
    words = ("activations", word_of(file))
    if layer:
        chosen = _chosen(layer, list(maps))
        paths = target.paths(*words, last=chosen, **named, most=None if most == MOST else most)
        _draw_grids(dict(zip(chosen, paths, strict=True)), maps, seen, most, dark)
    else:
        path = target.path(*words, channel=channel, **named)
        _draw_rows(maps, channel, seen, path, title=subject.title, dark=dark)


def _draw_rows(
    maps: Mapping[str, "np.ndarray"], channel: int | None, seen: "SeenPicture", path: Path, *, title: str, dark: bool
) -> None:
    """Draws a row for each layer, or the one channel of all."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.plots.activations import draw_layer_rows, draw_one_channel

    widest = max(one.shape[-1] for one in maps.values())
    if channel is None:
        draw_layer_rows(maps, seen, path, title=title, dark=dark)
    elif channel < widest:
        draw_one_channel(maps, channel, seen, path, title=title, dark=dark)
    else:
        raise ConfigError(f"`--channel` must be below {widest:,}, received {channel:,}")
    _tell(path)


def _feature_maps(
    model: object, pixels: "np.ndarray", seen: "SeenPicture"
) -> tuple[dict[str, "np.ndarray"], "SeenPicture"]:
    """Returns the feature maps behind the preprocessing, and the picture with what that makes of it; prints shapes."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.visualise.kernels import prepared
    from kerasvgg.visualise.record import activations as of

    refused: list[str] = []
    outputs = of(model, pixels, refused)
    before = prepared(model, outputs)
    _print_shapes(outputs)
    for reason in refused:
        typer.echo(escape(f"stopped at {reason}"), err=True)
    maps = {path: one for path, one in outputs.items() if one.ndim == 3 and path not in before}
    if not maps:
        raise ConfigError("`MODEL` must have layers with feature maps, received one without")
    return maps, seen._replace(prepared=outputs[before[-1]] if before else None)


def _print_shapes(outputs: Mapping[str, "np.ndarray"]) -> None:
    from kerasvgg.cli.tables import print_table
    from kerasvgg.plots.activations import dead_channels, size_of

    rows = [(path, size_of(one), f"{int(dead_channels(one).sum()):,}") for path, one in outputs.items()]
    print_table(("layer", "output", "zero channels"), rows, right=("output", "zero channels"))


def _chosen(asked: Sequence[str], paths: Sequence[str]) -> list[str]:
    from kerasvgg.visualise.layers import find_path

    return list(paths) if ALL in asked else list(dict.fromkeys(find_path(paths, one) for one in asked))


def _draw_grids(
    places: Mapping[str, Path], maps: Mapping[str, "np.ndarray"], seen: "SeenPicture", most: int, dark: bool
) -> None:
    from kerasvgg.plots.activations import draw_layer_grid
    from kerasvgg.process.progress import track

    for layer, path in track(places.items(), "drawing layers", len(places)):
        draw_layer_grid(layer, maps[layer], seen, path, most=most, dark=dark)
        _tell(path)


def _tell(path: Path) -> None:
    from kerasvgg.files.text import escape

    typer.echo(escape(path))
