"""kerasvgg upgrade"""

from pathlib import Path
from typing import Annotated

import typer


def upgrade(
    old: Annotated[Path, typer.Argument(help="A model file of Keras 1, 2 or 3, or weights alone.")],
    new: Annotated[Path, typer.Argument(help="The file to write: .keras or .h5.")],
    architecture: Annotated[
        str, typer.Option(help="For weights alone: vgg16, vgg19, small_cnn, or a model file or .json with the layers.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over NEW.")] = False,
) -> None:
    """Write an old model as one that plain Keras 3 opens, with the same predictions and learning rate."""
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import ModelFileError
    from kerasvgg.files.text import escape
    from kerasvgg.models.upgrade import upgrade_file

    if not old.exists():
        raise ModelFileError(f"`{old}` must be a model file, received nothing there")
    start_tensorflow()
    done = upgrade_file(old, new, architecture or None, force)
    for change in done.changes or ("nothing had to be changed",):
        typer.echo(escape(change))
    training = f"{done.optimizer} with learning rate {done.learning_rate:g}" if done.optimizer else "not compiled"
    how = f"Keras opens it after `import {', '.join(done.needs)}`" if done.needs else "plain Keras opens it"
    typer.echo(escape(f"{new}: {how}; largest difference {done.difference:.2g}; {training}"))
