"""kerasvgg sweep"""

from pathlib import Path
from typing import Annotated

import typer

from kerasvgg.cli.names import Cluster, Threads


def sweep(
    what: Annotated[Path, typer.Argument(help="The sweep's YAML file; with --resume its folder, too.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings of the sweep, as trials=50.")] = None,
    *,
    runs: Annotated[Path, typer.Option(help="Where the sweep's folder goes.")] = Path("runs"),
    jobs: Annotated[int, typer.Option(min=1, help="Trainings side by side; each has its share of the processors.")] = 1,
    cluster: Cluster = None,
    threads: Threads = 1,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the newest that is unfinished.")] = False,
) -> None:
    """Search an experiment's settings by validation alone, then run the winner, whose test split is scored once."""
    from kerasvgg.cli.tables import outcomes_table
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import ConfigError
    from kerasvgg.process.signals import exit_status, interruptible
    from kerasvgg.sweep.machines import Machines
    from kerasvgg.sweep.page import PAGE
    from kerasvgg.sweep.processes import Processes
    from kerasvgg.sweep.sweep import new_sweep, search, sweep_to_resume

    if resume and overrides:
        raise ConfigError("settings must be left out with --resume, which goes on with what was asked for")
    if cluster and jobs > 1:
        raise ConfigError("`--jobs` must be left out with --cluster: as many trials run as it has processors")
    folder = sweep_to_resume(what, runs) if resume else new_sweep(what, overrides or [], runs)
    typer.echo(f"sweep: {folder.path}", err=True)
    start_tensorflow()
    try:
        with interruptible():
            outcome = search(folder, Machines(cluster, threads) if cluster else Processes(jobs))
    except KeyboardInterrupt as stop:
        typer.echo(f"interrupted; go on with: kerasvgg sweep {folder.path} --resume", err=True)
        raise typer.Exit(exit_status(stop)) from None
    outcomes_table({"winner": outcome})
    typer.echo(f"trials: {folder.path / PAGE}")
