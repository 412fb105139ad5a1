"""python -m tools.reproduction chapter --seeds 3"""

import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from kerasvgg.cli.tensorflow import start_tensorflow
from kerasvgg.errors import ConfigError, KerasVGGError, did_you_mean
from kerasvgg.files.atomic import write_text
from kerasvgg.files.text import escape
from kerasvgg.process.signals import interruptible
from kerasvgg.runs.jobs import Job
from kerasvgg.runs.run import run
from tools.reproduction.claim import Claim
from tools.reproduction.claims import SOURCES
from tools.reproduction.page import page
from tools.reproduction.results import PLACE, experiment_of, newest_run, run_name

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
def reproduce(
    source: Annotated[str, typer.Argument(help="Whose claims: chapter or gender.")],
    *,
    seeds: Annotated[int, typer.Option(min=0, help="How often to run each experiment; 0: write the page alone.")] = 3,
    only: Annotated[list[str] | None, typer.Option(help="Run this claim alone; may be repeated.")] = None,
    experiments: Annotated[Path, typer.Option(help="Folder of experiments.")] = Path("experiments"),
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
    output: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/reproduction.md"),
) -> None:
    """Run a source's experiments with several seeds, and write what it claims beside what came out.

    What is finished is not run again, and what was interrupted goes on. Status 1: not all could be run.
    """
    claims = _chosen(source, only or [])
    asked = [(claim, job) for claim in claims for job in _jobs(claim, seeds, experiments, runs)]
    if not asked and output.exists() and not (runs / PLACE).is_dir():
        raise ConfigError(f"`--seeds` must be at least 1, because `{runs}` has nothing to write anew to {output} from")
    output.parent.mkdir(parents=True, exist_ok=True)
    if asked:
        start_tensorflow()
    try:
        with interruptible():
            failures = _run_all(asked, experiments, runs, output)
    except KeyboardInterrupt as stop:
        typer.echo("interrupted; what was done is kept, and the same command goes on", err=True)
        raise typer.Exit(128 + getattr(stop, "number", signal.SIGINT)) from None
    typer.echo(escape(output))
    if failures:
        raise typer.Exit(1)


def _run_all(asked: Sequence[tuple[Claim, Job]], experiments: Path, runs: Path, output: Path) -> dict[str, str]:
    """Runs what is not finished and writes the page after each; returns why a claim could not be run, by its name."""
    failures: dict[str, str] = {}
    for claim, job in asked:
        if claim.name not in failures and (reason := _run(job, runs)):
            failures[claim.name] = reason
        write_text(output, page(SOURCES, experiments, runs, failures))
    write_text(output, page(SOURCES, experiments, runs, failures))
    return failures


def _chosen(source: str, only: list[str]) -> list[Claim]:

    if source not in SOURCES:
        allowed = ", ".join(SOURCES)
        raise ConfigError(f"`source` must be one of {allowed}; received {source!r}{did_you_mean(source, SOURCES)}")
    claims = {claim.name: claim for claim in SOURCES[source]}
    for name in only:
        if name not in claims:
            question = did_you_mean(name, claims)
            raise ConfigError(f"`--only` must be one of {', '.join(claims)}; received {name!r}{question}")
    return [claim for name, claim in claims.items() if not only or name in only]


def _jobs(claim: Claim, seeds: int, experiments: Path, runs: Path) -> Iterator[Job]:

    for seed in range(seeds if claim.experiment else 0):
        path, name = experiments / str(claim.experiment), run_name(claim, seed)
        experiment = experiment_of(claim, seed, experiments)
        yield Job(path, name, name, claim.variant, experiment, newest_run(name, experiment, runs))


def _run(job: Job, runs: Path) -> str | None:
    """Runs what is not finished; returns why that was not possible, None if it was."""

    if job.is_finished:
        return None
    try:
        run(job.prepare(force=False), job.name, runs)
    except KerasVGGError as error:  # the other claims can be tried nevertheless
        typer.echo(f"left out: {job.name}: {error}", err=True)
        return str(error)
    return None


def main() -> None:
    """Runs the command; a mistake of the user's ends with its message and status 2."""
    try:
        app()
    except KerasVGGError as error:
        typer.echo(escape(str(error)), err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
