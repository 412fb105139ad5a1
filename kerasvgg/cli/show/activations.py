"""kerasvgg show activations"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.show.options import Dark, Image, Model, Output, Preprocessing

if TYPE_CHECKING:
    import numpy as np

    from kerasvgg.plots.seen_picture import SeenPicture

ALL = "all"
SIDES = (8, 1024)  # pixels; VGG16's outputs for a picture of 1,024 x 1,024 take 1.5 GB
Layers = Annotated[
    list[str] | None, typer.Option(help="A layer whose channels to draw as a grid, or all; may be repeated.")
]
Size = Annotated[tuple[int, int] | None, typer.Option(metavar="HEIGHT WIDTH", help="Another size than the model's.")]


def activations(
    model: Model,
    image: Image = "",
    *,
    layer: Layers = None,
    channel: Annotated[int | None, typer.Option(min=0, help="Draw this one channel of every layer.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1024, help="How many channels a grid may have.")] = 64,
    image_size: Size = None,
    output: Output = None,
    dark: Dark = False,
    preprocessing: Preprocessing = "",
) -> None:
    """Draw what every layer makes of a picture, and print the layers' shapes.

    Of each layer a row with its most active channels; with --layer a grid of all; with --channel the same one of each.
    """
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.cli.show.output import output_path
    from kerasvgg.errors import ConfigError

    if layer and channel is not None:
        raise ConfigError("`--layer` and `--channel` exclude each other, received both")
    if image_size and not all(SIDES[0] <= side <= SIDES[1] for side in image_size):
        received = " x ".join(map(str, image_size))
        raise ConfigError(f"`--image-size` must be sides of {SIDES[0]} to {SIDES[1]:,} pixels, received {received}")
    output_path(output, None)
    start_tensorflow()
    from kerasvgg.cli.show.subject import open_subject
    from kerasvgg.plots.layer_rows import draw_layer_rows
    from kerasvgg.plots.one_channel import draw_one_channel

    subject = open_subject(model, preprocessing)
    pixels, seen = subject.picture(image, image_size)
    maps, seen = _feature_maps(subject.model, pixels, seen)
    words = ["activations", Path(seen.name).stem]
    if layer:
        chosen = _chosen(layer, list(maps))
        paths = [output_path(output, subject.folder, *words, one) for one in chosen]
        if output is not None and len(chosen) > 1:
            paths = [output.with_stem(f"{output.stem}-{one.replace('/', '.')}") for one in chosen]
        _draw_grids(dict(zip(chosen, paths, strict=True)), maps, seen, most, dark)
        return
    widest = max(one.shape[-1] for one in maps.values())
    if channel is not None and channel >= widest:
        raise ConfigError(f"`--channel` must be below {widest:,}, received {channel:,}")
    if channel is None:
        path = output_path(output, subject.folder, *words)
        draw_layer_rows(maps, seen, path, title=subject.title, dark=dark)
    else:
        path = output_path(output, subject.folder, *words, f"channel{channel}")
        draw_one_channel(maps, channel, seen, path, title=subject.title, dark=dark)
    _tell(path)


def _feature_maps(
    model: object, pixels: "np.ndarray", seen: "SeenPicture"
) -> tuple[dict[str, "np.ndarray"], "SeenPicture"]:
    """Returns the feature maps behind the preprocessing, and the picture with what that makes of it; prints shapes."""
    from kerasvgg.data.shown import shown
    from kerasvgg.errors import ConfigError
    from kerasvgg.visualise.activations import activations as of
    from kerasvgg.visualise.prepared import prepared

    refused: list[str] = []
    outputs = of(model, pixels, refused)
    before = prepared(model, outputs)
    _print_shapes(outputs)
    for reason in refused:
        typer.echo(shown(f"stopped at {reason}"), err=True)
    maps = {path: one for path, one in outputs.items() if one.ndim == 3 and path not in before}
    if not maps:
        raise ConfigError("`MODEL` must have layers with feature maps, received one without")
    return maps, seen._replace(prepared=outputs[before[-1]] if before else None)


def _print_shapes(outputs: Mapping[str, "np.ndarray"]) -> None:
    from kerasvgg.cli.table import print_table
    from kerasvgg.plots.maps import dead_channels, size_of

    rows = [(path, size_of(one), f"{int(dead_channels(one).sum()):,}") for path, one in outputs.items()]
    print_table(("layer", "output", "zero channels"), rows, right=("output", "zero channels"))


def _chosen(asked: Sequence[str], paths: Sequence[str]) -> Sequence[str]:
    from kerasvgg.visualise.layers import find_path

    return paths if ALL in asked else list(dict.fromkeys(find_path(paths, one) for one in asked))


def _draw_grids(
    places: Mapping[str, Path], maps: Mapping[str, "np.ndarray"], seen: "SeenPicture", most: int, dark: bool
) -> None:
    from kerasvgg.plots.layer_grid import draw_layer_grid
    from kerasvgg.progress import track

    for layer, path in track(places.items(), "drawing layers", len(places)):
        draw_layer_grid(layer, maps[layer], seen, path, most=most, dark=dark)
        _tell(path)


def _tell(path: Path) -> None:
    from kerasvgg.data.shown import shown

    typer.echo(shown(path))
