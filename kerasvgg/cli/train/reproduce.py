"""kerasvgg reproduce"""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.reproduction.claim import Claim
    from kerasvgg.runs.jobs import Job


def reproduce(
    source: Annotated[str, typer.Argument(help="Whose claims: chapter or gender.")],
    *,
    seeds: Annotated[int, typer.Option(min=0, help="How often to run each experiment; 0: write the page alone.")] = 3,
    only: Annotated[list[str] | None, typer.Option(help="Run this claim alone; may be repeated.")] = None,
    experiments: Annotated[Path | None, typer.Option(help="Folder of experiments; otherwise kerasvgg's own.")] = None,
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
    output: Annotated[Path, typer.Option(help="The page to write.")] = Path("docs/reproduction.md"),
) -> None:
    """Run a source's experiments with several seeds, and write what it claims beside what came out.

    What is finished is not run again, and what was interrupted goes on. Status 1: not all could be run.
    """
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.config.shipped import shipped_folder
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.atomic import write_text
    from kerasvgg.files.text import escape
    from kerasvgg.process.signals import interruptible
    from kerasvgg.reproduction.claims import SOURCES
    from kerasvgg.reproduction.page import page
    from kerasvgg.reproduction.results import PLACE

    claims, experiments = _chosen(source, only or []), experiments or shipped_folder()
    jobs = [(claim, job) for claim in claims for job in _jobs(claim, seeds, experiments, runs)]
    if not jobs and output.exists() and not (runs / PLACE).is_dir():
        raise ConfigError(f"`--seeds` must be at least 1, because `{runs}` has nothing to write anew to {output} from")
    output.parent.mkdir(parents=True, exist_ok=True)
    failures: dict[str, str] = {}
    if jobs:
        start_tensorflow()
    try:
        with interruptible():
            for claim, job in jobs:
                if claim.name not in failures and (reason := _run(job, runs)):
                    failures[claim.name] = reason
                write_text(output, page(SOURCES, experiments, runs, failures))
    except KeyboardInterrupt as stop:
        typer.echo("interrupted; what was done is kept, and the same command goes on", err=True)
        raise typer.Exit(128 + getattr(stop, "number", signal.SIGINT)) from None
    write_text(output, page(SOURCES, experiments, runs, failures))
    typer.echo(escape(output))
    if failures:
        raise typer.Exit(1)


def _chosen(source: str, only: list[str]) -> "list[Claim]":
    from kerasvgg.errors import ConfigError, did_you_mean
    from kerasvgg.reproduction.claims import SOURCES

    if source not in SOURCES:
        allowed = ", ".join(SOURCES)
        raise ConfigError(f"`source` must be one of {allowed}; received {source!r}{did_you_mean(source, SOURCES)}")
    claims = {claim.name: claim for claim in SOURCES[source]}
    for name in only:
        if name not in claims:
            question = did_you_mean(name, claims)
            raise ConfigError(f"`--only` must be one of {', '.join(claims)}; received {name!r}{question}")
    return [claim for name, claim in claims.items() if not only or name in only]


def _jobs(claim: "Claim", seeds: int, experiments: Path, runs: Path) -> "Iterator[Job]":
    from kerasvgg.reproduction.results import experiment_of, newest_run, run_name
    from kerasvgg.runs.jobs import Job

    for seed in range(seeds if claim.experiment else 0):
        path, name = experiments / str(claim.experiment), run_name(claim, seed)
        experiment = experiment_of(claim, seed, experiments)
        yield Job(path, name, name, claim.variant, experiment, newest_run(name, experiment, runs))


def _run(job: "Job", runs: Path) -> str | None:
    """Runs what is not finished; returns why that was not possible, None if it was."""
    from kerasvgg.errors import KerasVGGError
    from kerasvgg.runs.run import run

    if job.is_finished:
        return None
    try:
        run(job.prepare(force=False), job.name, runs)
    except KerasVGGError as error:  # the other claims can be tried nevertheless
        typer.echo(f"left out: {job.name}: {error}", err=True)
        return str(error)
    return None
