"""kerasvgg weights"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="ImageNet weights: find, verify, import.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="vgg16 or vgg19.")]


@app.command("get")
def get(name: Name = "vgg16") -> None:
    """Find the weights at hand or fetch them, and say what they are."""
    from kerasvgg.weights.known import KNOWN
    from kerasvgg.weights.sources import imagenet_weights

    weights = imagenet_weights(name)
    count = sum(array.size for arrays in weights.values() for array in arrays)
    typer.echo(f"{name}: {len(weights)} convolutions, {count:,} weights, verified")
    typer.echo(f"origin: {KNOWN[name].origin}; licence: {KNOWN[name].licence}")


@app.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="An .h5, .weights.h5 or .npz file.")], name: Name = "vgg16"
) -> None:
    """Say whether a file holds the known ImageNet weights, whatever container they are in."""
    from kerasvgg.weights.sources import verify_weights

    verify_weights(path, name)
    typer.echo(f"{path}: these are the ImageNet weights of {name}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An .h5, .weights.h5 or .npz file.")], name: Name = "vgg16"
) -> None:
    """Verify a file of weights and keep it for later runs."""
    from kerasvgg.weights.sources import import_weights

    typer.echo(import_weights(path, name))
