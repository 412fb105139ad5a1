"""kerasvgg show"""

import typer

from kerasvgg.cli.show.activations import activations
from kerasvgg.cli.show.augmentations import augmentations
from kerasvgg.cli.show.filters import filters
from kerasvgg.cli.show.heatmap import heatmap
from kerasvgg.cli.show.kernels import kernels

app = typer.Typer(help="Draw what a model sees, layer by layer.", no_args_is_help=True)
for command in (activations, filters, heatmap, kernels, augmentations):
    app.command()(command)
