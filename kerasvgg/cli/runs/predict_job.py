"""kerasvgg predict --output: any number of pictures, here or on a cluster, into tables."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from kerasvgg.cli.names import Engine

if TYPE_CHECKING:
    from kerasvgg.cluster.run import Done


def predict_to_folder(
    model: Path, source: str, output: Path, where: dict[str, Any], *, engine: Engine, unknown: bool
) -> None:
    """Predicts into the folder and says what it came to; exit status 1 where something could not be read this time."""
    from kerasvgg.cli.names import model_file
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.cluster.jobs import predict_job
    from kerasvgg.cluster.run import Where
    from kerasvgg.engines.saved import known_model

    path = model_file(model)
    if not known_model(path, 0):
        start_tensorflow()
    with going_on():
        done = predict_job(path, source, output, Where(**where), engine=engine, unknown=unknown)
    tell(done, output)


@contextmanager
def going_on() -> Iterator[None]:
    """Ends the command where the user interrupts the block, and says what goes on with it."""
    from kerasvgg.process.signals import exit_status, interruptible

    try:
        with interruptible():
            yield
    except KeyboardInterrupt as stop:
        typer.echo("interrupted: what is done stays done, and the same command goes on with the rest", err=True)
        raise typer.Exit(exit_status(stop)) from None


def tell(done: "Done", output: Path) -> None:
    """Says what a job has come to."""
    from kerasvgg.files.text import escape

    for address, reason in done.failed.items():
        typer.echo(escape(f"not read this time: {address}: {reason}"), err=True)
    typer.echo(f"{output}: {done.pictures:,} pictures of {done.contents:,} contents; {done.bad:,} could not be decoded")
    typer.echo(f"this time {done.looked:,} were read and {done.computed:,} computed; {done.known:,} files were known")
    if done.failed:
        typer.echo(f"{len(done.failed):,} could not be read; the same command tries them again", err=True)
        raise typer.Exit(1)
