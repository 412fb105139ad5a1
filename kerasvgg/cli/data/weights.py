"""kerasvgg weights"""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="ImageNet weights: find, verify, import.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="vgg16, vgg19, resnet50v2 or another base with weights.")]


@app.command("get")
def get(name: Name = "vgg16") -> None:
    """Find the weights at hand or fetch them, and say what they are."""
    from kerasvgg.backbones.registry import PRETRAINED
    from kerasvgg.backbones.weights.sources import imagenet_weights

    weights = imagenet_weights(name)
    count = sum(array.size for arrays in weights.values() for array in arrays)
    typer.echo(f"{name}: {len(weights)} layers, {count:,} weights, verified")
    typer.echo(f"origin: {PRETRAINED[name].origin}; licence: {PRETRAINED[name].licence}")


@app.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="An .h5, .weights.h5 or .npz file.")], name: Name = "vgg16"
) -> None:
    """Say whether a file holds the known ImageNet weights; VGG16's may be in any container."""
    from kerasvgg.backbones.weights.sources import verify_weights

    verify_weights(path, name)
    typer.echo(f"{path}: these are the ImageNet weights of {name}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="An .h5, .weights.h5 or .npz file, or MatConvNet's .mat.")],
    name: Name = "vgg16",
    output: Annotated[
        Path | None, typer.Option(help="For .mat: the .keras or .h5 file to write; the same name here if left out.")
    ] = None,
    kernel_order: Annotated[
        str, typer.Option(help="For .mat: width-first or height-first; by the content if left out.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="For .mat: write over OUTPUT.")] = False,
) -> None:
    """Verify a file of weights and keep it for later runs; make a Keras model of MatConvNet's .mat."""
    from kerasvgg.errors import ConfigError

    if path.suffix.lower() == ".mat":
        _import_mat(path, output or Path(f"{path.stem}.keras"), kernel_order, force)
        return
    if output or kernel_order or force:
        raise ConfigError(f"`--output`, `--kernel-order` and `--force` are for .mat files, received `{path}`")
    from kerasvgg.backbones.weights.sources import import_weights

    typer.echo(import_weights(path, name))


def _import_mat(path: Path, output: Path, order: str, force: bool) -> None:
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.files.text import escape

    start_tensorflow()
    from kerasvgg.matconvnet.importer import import_matconvnet

    done = import_matconvnet(path, output, order or None, force=force)
    said = f"{done.layers} layers, {done.parameters:,} weights, {done.classes or 'no'} classes"
    typer.echo(escape(f"{output}: {said}, RGB minus the file's mean pixel"))
    axes = "width, height" if done.order == "width-first" else "height, width"
    typer.echo(f"kernels read {done.order}, as ({axes}, in, out); `--kernel-order` reads them otherwise")
