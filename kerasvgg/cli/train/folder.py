"""A folder of pictures where an experiment's name may stand: the experiment that is written for it."""

from pathlib import Path
from typing import Annotated

import typer

Labels = Annotated[Path | None, typer.Option(help="CSV file that says the classes: path, class, group.")]
Quick = Annotated[bool, typer.Option("--quick", help="Smaller pictures and no fine-tuning: a first look.")]
Minutes = Annotated[float | None, typer.Option(min=0.1, help="About how long a run may take.")]


def holds_pictures(path: Path) -> bool:
    """Tells a folder of pictures from a run folder, and from a file."""
    return path.is_dir() and not (path / "experiment.yaml").is_file() and not (path / "split.csv").is_file()


def experiment_for(
    what: Path, path: Path, runs: Path, *, labels: Path | None = None, quick: bool = False, minutes: float | None = None
) -> Path:
    """Returns the experiment's file at `path`, or the one that is written below `runs` for a folder of pictures there.

    Raises ConfigError for options that are for folders alone; `what` is the word that was given.
    """
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.runs.starter import starter_places, write_starter

    if not holds_pictures(path):
        if labels or quick or minutes:
            raise ConfigError(
                f"`--labels`, `--quick` and `--minutes` must go with a folder of pictures, received {what}"
            )
        return path
    if minutes:
        start_tensorflow()  # which measures how fast this machine is
    made = write_starter(path, starter_places(path, runs), labels, quick=quick, minutes=minutes)
    typer.echo(escape(f"{path}: {made.files:,} files of {len(made.classes)} classes; see {made.path}"), err=True)
    return made.path
