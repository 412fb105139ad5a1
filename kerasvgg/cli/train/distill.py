"""kerasvgg distill"""

from pathlib import Path
from typing import Annotated, Literal

import typer

OF_THE_TEACHER = ("distill", "augment_copies")  # settings that are nothing to who learns from labels alone


def distill(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", help="The folder of a finished run, whose model is learnt from.")
    ],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings of both students, as seed=1.")] = None,
    *,
    size: Annotated[
        Literal["small", "tiny"], typer.Option(help="small: at most 1 MB in int8; tiny: at most 0.3 MB.")
    ] = "small",
    views: Annotated[int | None, typer.Option(min=1, help="Augmented views of each picture, which both see.")] = None,
    unlabelled: Annotated[Path | None, typer.Option(help="A folder of more pictures for the teacher.")] = None,
    alone: Annotated[
        bool, typer.Option("--alone/--no-alone", help="Train the same network on labels alone, too, to compare.")
    ] = True,
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the newest runs if they are unfinished.")
    ] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Trainings side by side; each has its share of the processors.")] = 1,
) -> None:
    """Train a small network on what a run's model says, and compare it with that and with one that has labels alone."""
    import json

    from kerasvgg.cli.runs.compare import compare
    from kerasvgg.cli.tables import outcomes_table
    from kerasvgg.cli.train.run import run_jobs
    from kerasvgg.runs.jobs import jobs as jobs_of
    from kerasvgg.runs.student import ALONE, DISTILLED, write_student

    path, given = write_student(run, size, runs), overrides or []
    taught = [*given, *([f"augment_copies={views}"] if views else [])]
    if unlabelled:
        taught.append(f"distill.unlabelled={json.dumps(str(unlabelled), ensure_ascii=False)}")
    asked = jobs_of(path, taught, [DISTILLED], runs, resume=resume)
    if alone:
        plain = [one for one in given if not one.startswith(OF_THE_TEACHER)]
        asked += jobs_of(path, plain, [ALONE], runs, resume=resume)
    outcomes = run_jobs(asked, runs, side_by_side=jobs)
    outcomes_table(outcomes)
    compare([run, *(outcome.folder.path for outcome in outcomes.values())], common=True)
