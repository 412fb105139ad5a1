"""kerasvgg run"""

import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.names import Cluster, Engine
from kerasvgg.cli.train.folder import From, Labels, Minutes, Quick

if TYPE_CHECKING:
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.runs.jobs import Job
    from kerasvgg.runs.prepare import Given
    from kerasvgg.runs.run import Outcome

What = Annotated[
    Path,
    typer.Argument(
        help="The experiment's YAML file, a shipped experiment's name, or a folder of pictures; with --resume, "
        "a run folder."
    ),
]
Variants = Annotated[list[str] | None, typer.Option(help="Variant of the file to run, or all; may be repeated.")]
JOBS = "Runs side by side, where there are several; each has its share of the processors."
Seeds = Annotated[
    int | None, typer.Option(min=1, help="Run with so many seeds, from the experiment's upwards, and pool them.")
]


def run(
    what: What,
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as train.0.epochs=5.")] = None,
    variant: Variants = None,
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
    *,
    seeds: Seeds = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the newest run if it is unfinished.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Resume although something has changed since.")] = False,
    labels: Labels = None,
    quick: Quick = False,
    minutes: Minutes = None,
    from_: From = None,
    engine: Engine = None,
    cluster: Cluster = None,
    side_by_side: Annotated[int, typer.Option("--jobs", min=1, help=JOBS)] = 1,
) -> None:
    """Run an experiment: from a folder of pictures to a run folder with model, curves and figures."""
    from kerasvgg.cli.names import taken_as
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.config.shipped import experiment_path
    from kerasvgg.files.text import escape
    from kerasvgg.runs.folder import experiment_for, update_job
    from kerasvgg.runs.jobs import jobs
    from kerasvgg.training.member import member

    given, changes = experiment_path(what), _changes(overrides, engine=engine, cluster=cluster)
    if from_:
        others = {"--variant": variant, "--seeds": seeds, "--quick": quick, "--minutes": minutes}
        asked = [update_job(given, from_, runs, changes, labels=labels, resume=resume, others=others)]
        outcomes = run_jobs(asked, runs, force, side_by_side)
    else:
        if minutes and given.is_dir():
            start_tensorflow()  # which measures how fast this machine is
        with experiment_for(given, runs, labels=labels, quick=quick, minutes=minutes, resume=resume) as path:
            asked = jobs(path, changes, variant, runs, resume=resume, seeds=seeds)
            if member().count == 1:  # it was said before
                typer.echo(escape(taken_as(what, path)), err=True)
            outcomes = run_jobs(asked, runs, force, side_by_side)
    _show(outcomes, pool=bool(seeds), next_steps=given.is_dir())  # a folder of pictures, or a run to go on with


def _changes(overrides: list[str] | None, **named: str | None) -> list[str]:
    return [*(overrides or []), *(f"{key}={value}" for key, value in named.items() if value)]


def _workers(asked: "Sequence[Job]") -> int:
    """Returns how many processes train as one. Raises ConfigError where experiments differ in that."""
    from kerasvgg.errors import ConfigError

    counts = {job.experiment.workers for job in asked}
    if len(counts) > 1:
        raise ConfigError(f"`workers` must be equal in all that is run at once, received {sorted(counts)}")
    return counts.pop() if counts else 1


def _together(asked: "Sequence[Job]", count: int, runs: Path) -> int:
    """Has so many processes do what this one was asked for, on this machine or on those of a cluster."""
    import sys

    from kerasvgg.errors import KerasVGGError
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.process.signals import interruptible
    from kerasvgg.runs.together import run_together

    def newest(job: "Job") -> Path | None:
        folder = job.folder or RunFolder.newest(runs, job.name)
        return folder.path if folder else None

    before = [newest(job) for job in asked]

    def may_resume() -> bool:
        begun = [newest(job) != old for job, old in zip(asked, before, strict=True)]
        if any(begun) and not all(is_new or old is None for is_new, old in zip(begun, before, strict=True)):
            raise KerasVGGError("some of the runs have not begun, and would go on with older ones: begin them again")
        return any(begun)

    with interruptible():
        if (address := asked[0].experiment.cluster) is None:
            return run_together(sys.argv[1:], count, may_resume)
        from kerasvgg.cluster.members import run_together_on

        return run_together_on(address, sys.argv[1:], count, may_resume)


def _show(outcomes: "dict[str, Outcome]", *, pool: bool, next_steps: bool) -> None:
    from kerasvgg.cli.tables import outcomes_table, print_next_steps, print_pooled

    if not outcomes:  # of a process that only follows
        return
    outcomes_table(outcomes)
    if pool:
        print_pooled(outcomes)
    if next_steps:
        print_next_steps(next(iter(outcomes.values())))


def run_jobs(asked: "Sequence[Job]", runs: Path, force: bool = False, side_by_side: int = 1) -> "dict[str, Outcome]":
    """Runs them, and returns what they came to, by their labels; says how to go on where it is interrupted."""
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import ConfigError
    from kerasvgg.process.signals import exit_status, interruptible
    from kerasvgg.training.member import member

    if (count := _workers(asked)) > 1 and side_by_side > 1:
        raise ConfigError(f"`--jobs` must be 1 with several `workers`, received {side_by_side}")
    if count > 1 and member().count == 1:
        raise typer.Exit(_together(asked, count, runs))
    start_tensorflow()
    try:
        with interruptible():
            if side_by_side > 1 and len(asked) > 1 and not any(job.experiment.cluster for job in asked):
                return _side_by_side(asked, runs, force, side_by_side)
            return _one_by_one(asked, runs, force)
    except KeyboardInterrupt as stop:  # while the pictures were looked at
        typer.echo("interrupted before anything was begun", err=True)
        raise typer.Exit(exit_status(stop)) from None


def _side_by_side(asked: "Sequence[Job]", runs: Path, force: bool, count: int) -> "dict[str, Outcome]":
    from kerasvgg.process.signals import exit_status
    from kerasvgg.runs.side_by_side import run_side_by_side

    try:
        return run_side_by_side(asked, runs, force, count)
    except KeyboardInterrupt as stop:
        typer.echo("interrupted; the same command with --resume goes on with what was done", err=True)
        raise typer.Exit(exit_status(stop)) from None


def _one_by_one(asked: "Sequence[Job]", runs: Path, force: bool) -> "dict[str, Outcome]":
    from kerasvgg.runs.run import follow
    from kerasvgg.runs.run import run as run_prepared
    from kerasvgg.training.member import member

    # All are prepared before the first is trained, so that a mistake in the last costs no hours.
    outcomes = {}
    with ExitStack() as open_:
        clusters = _clusters(asked, open_)
        ready = {
            job.name: job.prepare(force, clusters.get(job.experiment.cluster)) for job in asked if not job.is_finished
        }
        for number, job in enumerate(asked):
            if job.folder and job.is_finished:
                outcomes[job.label] = job.finished()
                typer.echo(f"{job.folder.path} is finished already", err=True)
                continue
            if not member().is_first:
                follow(ready.pop(job.name))
                continue
            with _telling_how_to_go_on(job, asked[number + 1 :], runs, force):
                outcomes[job.label] = run_prepared(ready.pop(job.name), job.name, runs)
    return outcomes


def _clusters(asked: "Sequence[Job]", open_: ExitStack) -> "dict[str | None, Given]":
    """Returns the clusters that experiments name, to compute their frozen layers."""
    from kerasvgg.files.locations import cache
    from kerasvgg.runs.prepare import Given
    from kerasvgg.training.member import member

    addresses = {job.experiment.cluster for job in asked if job.experiment.cluster and not job.is_finished}
    if not addresses or not member().is_first:  # which finds what the first has had computed
        return {}
    from kerasvgg.cluster.frozen import OnCluster

    elsewhere = {address: open_.enter_context(OnCluster(address)) for address in addresses}
    return {address: Given(feature_folder=cache() / "features", elsewhere=one) for address, one in elsewhere.items()}


@contextmanager
def _telling_how_to_go_on(job: "Job", later: "Sequence[Job]", runs: Path, force: bool) -> Iterator[None]:
    from kerasvgg.errors import ConfigError, KerasVGGError
    from kerasvgg.files.lock import BusyError
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.process.signals import exit_status

    before = RunFolder.newest(runs, job.name)
    try:
        yield
    except (ConfigError, BusyError):  # nothing was done
        raise
    except (KerasVGGError, OSError, MemoryError, KeyboardInterrupt) as error:
        newest = RunFolder.newest(runs, job.name)
        is_new = newest is not None and (before is None or newest.path != before.path)
        how = _how_to_go_on(job.folder or (newest if is_new else None), error, force)
        how += f"\nnot begun: {', '.join(other.label for other in later)}" if later else ""
        if not isinstance(error, KeyboardInterrupt):
            raise KerasVGGError(f"{str(error) or 'out of memory'}\n{how}") from error
        typer.echo(f"interrupted; {how}", err=True)
        raise typer.Exit(exit_status(error)) from None


def _how_to_go_on(folder: "RunFolder | None", error: BaseException, force: bool) -> str:
    from kerasvgg.training.state import DamagedStateError

    if folder is None or not folder.split.is_file():
        return "nothing was kept, begin again"
    if isinstance(error, DamagedStateError):
        return f"no state can be read, begin anew with: {shlex.join(['kerasvgg', 'run', str(folder.experiment)])}"
    resumed = shlex.join(["kerasvgg", "run", str(folder.path), "--resume"] + ["--force"] * force)
    if not folder.states():
        return f"the split is kept and no epoch yet, begin the training again with: {resumed}"
    return f"what was done is kept, go on with: {resumed}"
