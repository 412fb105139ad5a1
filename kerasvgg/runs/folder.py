"""A folder of pictures where an experiment's file may stand: what is run for it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import isfinite
from pathlib import Path

from kerasvgg.errors import ConfigError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say
from kerasvgg.runs.jobs import Job
from kerasvgg.runs.starter import folder_name, require_writable, starter_places, write_starter
from kerasvgg.runs.update import updated_experiment


def holds_pictures(path: Path) -> bool:
    """Tells a folder of pictures from a run folder, and from a file."""
    return path.is_dir() and not RunFolder(path).is_there


@contextmanager
def experiment_for(
    path: Path,
    runs: Path,
    *,
    labels: Path | None = None,
    quick: bool = False,
    minutes: float | None = None,
    resume: bool = False,
) -> Iterator[Path]:
    """Yields the experiment's file at `path`, or the one that is written below `runs` for a folder of pictures there.

    That is removed again if the block fails before a run was begun. With `minutes` it measures how fast this machine
    is. Raises ConfigError for options that are for folders alone.
    """
    if not holds_pictures(path):
        if labels or quick or minutes is not None:
            raise ConfigError(f"`labels`, `quick` and `minutes` must go with a folder of pictures, received {path}")
        yield path
        return
    if minutes is not None and not (minutes > 0 and isfinite(minutes)):
        raise ConfigError(f"`minutes` must be a number above 0, received {minutes}")
    made = write_starter(path, starter_places(path, runs), labels, quick=quick, minutes=minutes, resume=resume)
    say(escape(f"{path}: {made.files:,} files of {len(made.classes)} classes; see {made.path}"))
    try:
        yield made.path
    except BaseException:  # Ctrl-C, too
        if made.is_new and RunFolder.newest(runs, made.path.stem) is None:
            made.path.unlink(missing_ok=True)
        raise


def update_job(
    folder: Path,
    run: Path,
    runs: Path,
    overrides: Sequence[str],
    *,
    labels: Path | None,
    resume: bool,
    others: Mapping[str, object],
) -> Job:
    """Returns a finished run's experiment on a folder of pictures, after which the new run below `runs` is named.

    Raises ConfigError for `others`, options by their names that do not go with it, for what is no folder of pictures or
    no such run, and for names that YAML can't hold.
    """
    if not holds_pictures(folder):
        raise ConfigError(f"`--from` must go with a folder of pictures, received {folder}")
    if given := [name for name, value in others.items() if value]:
        raise ConfigError(f"`--from` must go without `{given[0]}`, because the run says how")
    for option, path in {"folder": folder, "--from": run, "labels": labels}.items():
        require_writable(option, path)
    earlier, name = RunFolder(run), folder_name(folder)
    experiment = updated_experiment(earlier, folder, overrides, labels)
    say(escape(f"experiment: that of {run}, with the pictures in {folder}"))
    return Job(earlier.experiment, name, name, "", experiment, RunFolder.newest(runs, name) if resume else None)
