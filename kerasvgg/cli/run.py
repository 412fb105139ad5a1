"""kerasvgg run"""

import shlex
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.cli.jobs import Job
    from kerasvgg.run import Outcome


def run(
    path: Annotated[Path, typer.Argument(help="The experiment's YAML file; with --resume, also a run folder.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as train.0.epochs=5.")] = None,
    variant: Annotated[
        list[str] | None, typer.Option(help="Variant of the file to run, or all; may be repeated.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
    *,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the newest run if it is unfinished.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Resume although something has changed since.")] = False,
) -> None:
    """Run an experiment: from a folder of pictures to a run folder with model, curves and figures."""
    from kerasvgg.cli.jobs import jobs
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.cli.table import outcomes_table

    again = _command(path, overrides or [], variant or [], runs)
    asked = jobs(path, overrides or [], variant, runs, resume)
    start_tensorflow()
    with _telling_how_to_resume(again):
        outcomes = _run(asked, runs, force, again)
    outcomes_table(outcomes)


def _run(asked: "Sequence[Job]", runs: Path, force: bool, again: str) -> "dict[str, Outcome]":
    from kerasvgg.errors import KerasVGGError
    from kerasvgg.run import run as run_prepared

    # All are prepared before the first is trained, so that a mistake in the last costs no hours.
    ready = {job.name: job.prepare(force) for job in asked if not job.is_finished}
    outcomes = {}
    for job in asked:
        if job.folder and job.is_finished:
            outcomes[job.label] = job.finished()
            typer.echo(f"{job.folder.path} is finished already", err=True)
            continue
        try:
            outcomes[job.label] = run_prepared(ready.pop(job.name), job.name, runs)
        except (KerasVGGError, OSError) as error:
            raise KerasVGGError(f"{error}\nwhat was done is kept; go on with: {again}") from error
    return outcomes


@contextmanager
def _telling_how_to_resume(again: str) -> Iterator[None]:
    from kerasvgg.interruption import interruptible

    try:
        with interruptible():
            yield
    except KeyboardInterrupt as stop:
        typer.echo(f"interrupted; what was done is kept, go on with: {again}", err=True)
        raise typer.Exit(128 + getattr(stop, "number", signal.SIGINT)) from None


def _command(path: Path, overrides: list[str], variants: list[str], runs: Path) -> str:
    chosen = [f"--variant={variant}" for variant in variants]
    elsewhere = [] if runs == Path("runs") else [f"--runs={runs}"]
    return shlex.join(["kerasvgg", "run", str(path), *overrides, *chosen, *elsewhere, "--resume"])
