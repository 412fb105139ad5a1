"""kerasvgg show kernels"""

from typing import Annotated

import typer

from kerasvgg.cli.show.output import Dark, Model, Output, Preprocessing


def kernels(
    model: Model,
    *,
    layer: Annotated[str, typer.Option(help="A convolution on 1 or 3 channels; the first one otherwise.")] = "",
    common_scale: Annotated[bool, typer.Option("--common-scale", help="Scale all kernels alike.")] = False,
    output: Output = None,
    dark: Dark = False,
    preprocessing: Preprocessing = "",
) -> None:
    """Draw the first convolution's kernels as colour tiles: gray is 0, a colour what a kernel likes."""
    from kerasvgg.cli.show.output import opened
    from kerasvgg.files.text import escape
    from kerasvgg.plots.tiles import draw_kernels

    subject, target = opened(model, preprocessing, output)
    from kerasvgg.visualise.kernels import kernels as of

    place, found = of(subject.model, layer)
    path = target.path("kernels", place, common_scale=common_scale, preprocessing=preprocessing, dark=dark)
    draw_kernels(found, path, title=place, about=subject.title, common_scale=common_scale, dark=dark)
    typer.echo(escape(path))
