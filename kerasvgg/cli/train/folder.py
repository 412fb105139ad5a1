"""A folder of pictures where an experiment's name may stand: the experiment that is written for it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kerasvgg.runs.jobs import Job

From = Annotated[
    Path | None,
    typer.Option("--from", help="Finished run to bring up to date with the folder; old pictures keep their part."),
]
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


def update_of(
    path: Path, run: Path, overrides: "Sequence[str]", labels: Path | None, others: "Mapping[str, object]"
) -> "list[Job]":
    """Returns the job of a finished run on the folder of pictures at `path`.

    Raises ConfigError for `others`, options that do not go with it, and for what is no folder of pictures.
    """
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.runs.jobs import update_job

    if not holds_pictures(path):
        raise ConfigError(f"`--from` must go with a folder of pictures, received {path}")
    if given := [name for name, value in others.items() if value]:
        raise ConfigError(f"`--from` must go without `{given[0]}`, because the run says how")
    job = update_job(path, run, overrides, labels)
    typer.echo(escape(f"experiment: that of {run}, with the pictures in {path}"), err=True)
    return [job]
