"""kerasvgg init"""

from pathlib import Path
from typing import Annotated

import typer

from kerasvgg.cli.train.folder import Labels, Minutes, Quick


def init(
    folder: Annotated[Path, typer.Argument(help="Your pictures: class folders, a flat folder, or a split.")],
    output: Annotated[Path, typer.Option(help="The YAML file to write.")] = Path("experiment.yaml"),
    labels: Labels = None,
    *,
    quick: Quick = False,
    minutes: Minutes = None,
) -> None:
    """Write a commented experiment for your own pictures."""
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.runs.starter import write_starter

    if output.exists():
        raise ConfigError(f"`--output` must not exist yet, received {output}")
    if minutes is not None:  # it measures how fast this machine is
        start_tensorflow()
    made = write_starter(folder, [output], labels, quick=quick, minutes=minutes)
    typer.echo(escape(f"{output}: {made.files:,} files of {len(made.classes)} classes ({', '.join(made.classes)})"))
    typer.echo(escape(f"next: kerasvgg run {output}"))
