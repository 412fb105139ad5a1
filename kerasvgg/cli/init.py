"""kerasvgg init"""

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Your pictures: class folders, a flat folder, or a split.")],
    output: Annotated[Path, typer.Option(help="The YAML file to write.")] = Path("experiment.yaml"),
) -> None:
    """Write a commented experiment for your own pictures."""
    from kerasvgg.atomic import write_text
    from kerasvgg.config.starter import starter
    from kerasvgg.data.scan import scan
    from kerasvgg.errors import ConfigError

    if output.exists():
        raise ConfigError(f"`--output` must not exist yet, received {output}")
    found = scan(folder)
    classes = sorted({file.label for file in found.files})
    write_text(output, starter(str(folder), classes, len(found.files), found.is_split, str(output)))
    typer.echo(f"{output}: {len(found.files):,} files of {len(classes)} classes ({', '.join(classes)})")
    typer.echo(f"next: kerasvgg run {output}")
