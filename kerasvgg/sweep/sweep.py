"""From a sweep's file to the winner's run."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.config.load import load_experiments, load_section
from kerasvgg.config.shipped import experiment_path
from kerasvgg.config.sweep import Range, Sweep
from kerasvgg.config.writer import dump_experiment, dump_section
from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.evaluation.epochs import kept_epoch
from kerasvgg.files.atomic import write_text
from kerasvgg.files.locations import cache
from kerasvgg.files.lock import locked
from kerasvgg.files.reading import read_small
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.progress import say, warn
from kerasvgg.report.words import duration
from kerasvgg.runs.prepare import Given, prepare
from kerasvgg.runs.run import Outcome, finished, run
from kerasvgg.sweep.page import write_page
from kerasvgg.sweep.processes import Trainers
from kerasvgg.sweep.study import FINISHED, RUNNING, Study, TrialRow, mend_journal, ranked
from kerasvgg.sweep.trial import with_settings

SWEEP, EXPERIMENT, CHOSEN, WINNER, GROUP = "sweep.yaml", "experiment.yaml", "chosen.json", "winner", "sweeps"
# Settings, or the beginnings of such, by which trials would be judged on different pictures.
PICTURES = tuple(f"data.{name}" for name in (
    "dataset", "split", "labels", "classes", "parts_of", "accept_duplicates", "leave_out_last", "on_",
))  # fmt: skip
SAME = 1e-6  # of validation's loss, relative


@dataclass(frozen=True)
class SweepFolder:
    """A sweep's folder: its file and the experiment's, as they are resolved, the journal, and the winner's run."""

    path: Path

    @property
    def experiment(self) -> Path:
        """The experiment's file, whose settings the trials change."""
        return self.path / EXPERIMENT

    @property
    def is_finished(self) -> bool:
        """Tells whether its winner has been run."""
        newest = RunFolder.newest(self.path, WINNER)
        return newest is not None and newest.is_finished

    @property
    def sweep(self) -> Sweep:
        """What its file says. Raises ConfigError for a damaged one."""
        return load_section(self.path / SWEEP, Sweep)


def new_sweep(file: Path, overrides: list[str], runs: Path) -> SweepFolder:
    """Makes runs/sweeps/NAME/N for a sweep's file. Raises ConfigError for settings that the experiment can't have."""
    sweep = load_section(file, Sweep, overrides)
    named = Path(sweep.experiment)
    given = file.parent / named if (file.parent / named).is_file() else experiment_path(named)
    found = load_experiments(given, sweep.settings, [sweep.variant] if sweep.variant else None)
    if len(found) > 1:
        raise ConfigError(f"{file}: `variant` must be one of {', '.join(found)}, received none")
    (experiment,) = found.values()
    if experiment.auto:
        raise ConfigError(f"{file}: `experiment` must say in `train` how it is trained, received one with `auto`")
    folder = SweepFolder(RunFolder.create(runs, f"{GROUP}/{file.stem}").path)
    write_text(folder.experiment, dump_experiment(experiment))
    try:
        _require_all_can_be(file, folder.experiment, sweep)
    except ConfigError:
        folder.experiment.unlink()
        folder.path.rmdir()
        raise
    write_text(folder.path / SWEEP, dump_section(sweep))
    return folder


def sweep_to_resume(what: Path, runs: Path) -> SweepFolder:
    """Returns a sweep's folder, or the newest one of a sweep's file. Raises ConfigError where there is none."""
    newest_first = (one.path for one in RunFolder.from_newest(runs, f"{GROUP}/{what.stem}"))
    known = [what] if what.is_dir() else newest_first
    begun = [SweepFolder(path) for path in known if (path / SWEEP).is_file()]
    if not begun:
        raise ConfigError(f"`{what}` must be a sweep's folder, or the file of one that has begun; received neither")
    return next((one for one in begun if not one.is_finished), begun[0])


def search(folder: SweepFolder, trainers: Trainers) -> Outcome:
    """Has trainers train what trials are left, and then runs the winner, whose test split is scored once.

    Raises KerasVGGError where no trial comes to its end, BusyError where another process is at work in the folder.
    """
    sweep = folder.sweep
    with locked(folder.path / ".lock"):
        mend_journal(folder.path)
        study = Study(folder.path, sweep)
        if again := study.renew():
            say(f"{again} trials were under way when this ended before; they are begun again")
        chosen = folder.path / CHOSEN
        if not chosen.is_file():
            if len([row for row in study.rows() if row.state != RUNNING]) < sweep.trials:
                trainers.compute_features(folder.experiment)
                trainers.train(folder.path, sweep, folder.experiment, _Telling(study, sweep))
            write_page(folder.path, sweep, study)
            about = {"trial": best_of(study.rows(), sweep).number, "trials": len(study.rows()), "by": sweep.metric}
            write_text(chosen, json.dumps(about) + "\n")  # from here on nothing changes what is run
        about = json.loads(read_small(chosen))
        (best,) = [row for row in study.rows() if row.number == about["trial"]]
        return _winner(folder, best, about)


def best_of(rows: list[TrialRow], sweep: Sweep) -> TrialRow:
    """Returns the best trial (see `ranked`).

    Raises KerasVGGError where none has come to its end.
    """
    best = ranked(rows, sweep.metric)[:1]
    if not best or best[0].state != FINISHED:
        reasons = dict.fromkeys(row.why for row in rows if row.why)
        raise KerasVGGError(f"no trial has come to its end: {'; '.join(list(reasons)[:3]) or 'none had begun'}")

    return best[0]


def _winner(folder: SweepFolder, best: TrialRow, about: dict[str, Any]) -> Outcome:
    before = RunFolder.newest(folder.path, WINNER)
    if before and before.is_finished:
        return finished(before)
    say(f"the best is trial {best.number}: {settings_words(best)}; its run, with the test split")
    given = Given(feature_folder=cache() / "features", selected=about)
    going_on = before if before and before.split.is_file() else None
    prepared = prepare(with_settings(folder.experiment, best.settings), going_on, given=given)
    outcome = run(prepared, WINNER, folder.path)
    kept = kept_epoch(outcome.folder.read_history(), prepared.experiment.keep)
    if abs(kept["val_loss"] - best.figures["val_loss"]) > SAME * abs(best.figures["val_loss"]):
        losses = f"{kept['val_loss']:.6f} where the trial's was {best.figures['val_loss']:.6f}"
        warn(f"the run's validation loss is {losses}")
    return outcome


def _require_all_can_be(file: Path, experiment: Path, sweep: Sweep) -> None:
    for key, values in sweep.space.items():
        if key == "seed" or key.startswith(PICTURES):
            raise ConfigError(f"{file}: `space.{key}` must be left out: all trials have the same pictures and seed")
        for value in (values.low, values.high) if isinstance(values, Range) else values:
            try:
                with_settings(experiment, {key: value})
            except ConfigError as error:
                raise ConfigError(f"{file}: `space.{key}`: {error}") from None


def settings_words(row: TrialRow) -> str:
    """Returns a trial's settings in one line."""
    return ", ".join(f"{key}={_short(value)}" for key, value in row.settings.items())


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class _Telling:
    """Says of each trial that is over what it came to, and about how long the others take."""

    def __init__(self, study: Study, sweep: Sweep) -> None:
        self._study, self._sweep = study, sweep
        self._began = time.monotonic()
        self._before = self._told = {row.number for row in study.rows() if row.state != RUNNING}

    def __call__(self) -> None:
        rows = [row for row in self._study.rows() if row.state != RUNNING]
        for row in rows:
            if row.number not in self._told:
                self._told = self._told | {row.number}
                figures = f", {self._sweep.metric} {row.figures[self._sweep.metric]:.4f}" if row.figures else ""
                why = f": {row.why}" if row.why else ""
                left = self._left(len(self._told))
                say(f"trial {row.number} {row.state}{figures}{why} ({settings_words(row)}){left}")

    def _left(self, count: int) -> str:
        each = (time.monotonic() - self._began) / (count - len(self._before))
        seconds = each * (self._sweep.trials - count)
        return f"; {count} of {self._sweep.trials}, about {duration(seconds)} left"
