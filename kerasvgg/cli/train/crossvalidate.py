"""kerasvgg crossvalidate"""

from pathlib import Path
from typing import Annotated

import typer

from kerasvgg.cli.train.folder import Labels, Quick


def crossvalidate(
    what: Annotated[Path, typer.Argument(help="A folder of pictures, an experiment's YAML file or name.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as data.fit=crop.")] = None,
    *,
    folds: Annotated[int, typer.Option(min=2, max=20, help="In how many parts pictures are held out.")] = 5,
    repeats: Annotated[int, typer.Option(min=1, max=20, help="How often, each time in other parts.")] = 1,
    variant: Annotated[str | None, typer.Option(help="Variant of the file.")] = None,
    labels: Labels = None,
    quick: Quick = False,
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the newest one if it is unfinished.")] = False,
) -> None:
    """Estimate how good an experiment is on pictures like these: each is predicted by a training without it."""
    from kerasvgg.cli.names import taken_as
    from kerasvgg.cli.tables import outcomes_table
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.config.shipped import experiment_path
    from kerasvgg.files.text import escape
    from kerasvgg.process.signals import exit_status, interruptible
    from kerasvgg.runs.folder import experiment_for
    from kerasvgg.runs.jobs import one_job

    try:
        with experiment_for(experiment_path(what), runs, labels=labels, quick=quick) as path:
            job = one_job(path, overrides or [], variant, runs)
            typer.echo(escape(taken_as(what, path)), err=True)
            start_tensorflow()
            from kerasvgg.runs.crossvalidate import crossvalidate as held_out

            with interruptible():
                found = held_out(job.experiment, job.name, runs, folds=folds, repeats=repeats, resume=resume)
    except KeyboardInterrupt as stop:
        kept = "what it looked at is kept" if job.experiment.auto else "folds that are done are kept"
        typer.echo(f"interrupted; {kept}, go on with the same command and --resume", err=True)
        raise typer.Exit(exit_status(stop)) from None
    outcomes_table({job.label: found})
    done = max(one["fold"] for one in found.metrics["per_fold"])
    fewer = f", not {folds}: there are no more groups, or pictures of a class" if done < folds else ""
    typer.echo(f"each picture was held out {'once' if repeats == 1 else f'{repeats} times'}, in {done} folds{fewer}")
