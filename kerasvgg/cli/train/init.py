"""kerasvgg init"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.data.folder.scan import Source


def init(
    folder: Annotated[Path, typer.Argument(help="Your pictures: class folders, a flat folder, or a split.")],
    output: Annotated[Path, typer.Option(help="The YAML file to write.")] = Path("experiment.yaml"),
    labels: Annotated[Path | None, typer.Option(help="CSV file that says the classes: path, class, group.")] = None,
) -> None:
    """Write a commented experiment for your own pictures."""
    from kerasvgg.config.writer import starter
    from kerasvgg.data.folder.scan import scan
    from kerasvgg.data.picture import UNWRITABLE
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.atomic import write_text

    if output.exists():
        raise ConfigError(f"`--output` must not exist yet, received {output}")
    for name, path in {"folder": folder, "--output": output, "--labels": labels}.items():
        if UNWRITABLE.search(str(path)):
            raise ConfigError(f"`{name}` must have a name in UTF-8 without control characters, received {str(path)!r}")
    found = scan(folder, labels=labels)
    _require_pictures(found)
    classes = sorted({file.label for file in found.files})
    csv = str(labels) if labels is not None else None
    write_text(output, starter(str(folder), classes, len(found.files), found.is_split, str(output), labels=csv))
    typer.echo(f"{output}: {len(found.files):,} files of {len(classes)} classes ({', '.join(classes)})")
    typer.echo(f"next: kerasvgg run {output}")


def _require_pictures(source: "Source") -> None:
    """Opens files of each class until one is a picture: an experiment on none would only fail later."""
    from kerasvgg.data.pictures.decode import trouble
    from kerasvgg.errors import DataError

    waiting = {file.label for file in source.files}
    for file in source.files:
        if file.label in waiting and trouble(source.root / file.path) is None:
            waiting.remove(file.label)
    if waiting:
        raise DataError(
            f"`{source.root}` must hold pictures of each class; received none of {', '.join(sorted(waiting))}"
        )
