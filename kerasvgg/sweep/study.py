"""The study: which settings were tried and what came of them, in a journal that survives whatever ends a process."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from kerasvgg.config.sweep import Metric, Range, Sweep
from kerasvgg.errors import ConfigError
from kerasvgg.files.atomic import write_bytes
from kerasvgg.files.lock import BusyError, locked

JOURNAL, LOCK = "journal.log", ".asking.lock"
PATIENCE = 60.0  # seconds until another process has asked
WHY, AGAIN, PROCESS = "why", "begun again", "process"  # what is noted of trials
MOST_ENDS = 3  # of processes, by the same settings, after which these have failed
WITHOUT = 5  # trials and epochs, before which nothing is ended early
FINISHED, PRUNED, FAILED, RUNNING = "finished", "ended early", "failed", "running"


class TrialResult(NamedTuple):
    """What came of a trial: the `figures` of the epoch that is kept, `pruned` if it was ended early, or `why` none."""

    figures: Mapping[str, float] = MappingProxyType({})
    pruned: bool = False
    why: str = ""


class TrialRow(NamedTuple):
    """A trial: `settings` by key, `state`, and of the epoch that was kept `epoch`, `accuracy` and `loss`, if any."""

    number: int
    state: str
    settings: dict[str, Any]
    figures: dict[str, float]
    why: str


def ranked(rows: Sequence[TrialRow], metric: Metric) -> list[TrialRow]:
    """Returns the trials, those that are finished first, and the best of them first: by the metric, then the other."""

    def rank(row: TrialRow) -> tuple[bool, float, float, int]:
        accuracy, loss = (row.figures.get(name, math.nan) for name in ("val_accuracy", "val_loss"))
        first, second = (-accuracy, loss) if metric == "val_accuracy" else (loss, -accuracy)
        return row.state != FINISHED, first, second, row.number

    return sorted(rows, key=rank)


class Study:
    """A sweep's study in its folder; any number of processes may ask for trials and tell of them at once."""

    def __init__(self, folder: Path, sweep: Sweep) -> None:
        self._optuna, self._folder, self._sweep = _optuna(), folder, sweep
        path = (folder / JOURNAL).absolute()
        backend = self._optuna.storages.journal.JournalFileBackend(str(path), lock_obj=_Lock(path.with_suffix(".lock")))
        self._storage = self._optuna.storages.JournalStorage(backend)
        self._space = {key: self._distribution(values) for key, values in sweep.space.items()}
        self._study = self._open(0)

    def has_more(self) -> bool:
        """Tells whether there are trials that are not begun, or to be begun again."""
        return self._next_number() is not None

    def ask(self, process: int) -> "Trial | None":
        """Begins a trial; None where all are begun. `process` is a number by which `renew` knows who had it.

        What is drawn follows from the seed, the trial's number, and those that are told.
        """
        with _in_turn(self._folder / LOCK):
            if (number := self._next_number()) is None:
                return None
            self._study = self._open(number)
            trial = self._study.ask(self._space)
            trial.set_user_attr(PROCESS, process)
            return Trial(trial, self._study, self._sweep)

    def _next_number(self) -> int | None:
        begun = [one for one in self._trials() if one.number not in self._again()]
        is_waiting = any(one.state == self._optuna.trial.TrialState.WAITING for one in begun)
        return len(begun) if is_waiting or len(begun) < self._sweep.trials else None

    def renew(self, process: int | None = None) -> int:
        """Puts back what a process that has ended, or None: any process, had under way; returns how many those are.

        They will be begun again. What has ended its own process several times has failed; where all were ended, by
        whoever stopped the command, that does not count.
        """
        with _in_turn(self._folder / LOCK):
            running = [one for one in self._trials() if one.state == self._optuna.trial.TrialState.RUNNING]
            lost = [one for one in running if process in (None, one.user_attrs.get(PROCESS))]
            for one in lost:
                self._renew(one, is_its_own=process is not None)
        return len(lost)

    def _renew(self, trial: Any, *, is_its_own: bool) -> None:
        before = [other for other in self._trials() if self._again().get(other.number) and other.params == trial.params]
        ends = len(before) + is_its_own
        if ends < MOST_ENDS:
            self._study.set_user_attr(f"{AGAIN} {trial.number}", is_its_own)
            self._study.enqueue_trial(trial.params)
        else:
            self._study.set_user_attr(f"{WHY} {trial.number}", f"its process ended {ends} times")
        self._study.tell(trial.number, state=self._optuna.trial.TrialState.FAIL)

    def rows(self) -> list[TrialRow]:
        """Returns all trials that are under way or over, without those that were begun again."""
        states, again, notes = self._optuna.trial.TrialState, self._again(), self._study.user_attrs
        words = {states.COMPLETE: FINISHED, states.PRUNED: PRUNED, states.FAIL: FAILED, states.RUNNING: RUNNING}
        return [
            TrialRow(one.number, words[one.state], dict(one.params), dict(one.user_attrs.get("figures", {})),
                     one.user_attrs.get(WHY) or notes.get(f"{WHY} {one.number}", ""))
            for one in self._trials()
            if one.state in words and one.number not in again
        ]  # fmt: skip

    def importance(self) -> dict[str, float]:
        """Returns how much of the differences each setting explains, from 0 to 1, the most important first.

        Source: functional ANOVA (Hutter, Hoos and Leyton-Brown 2014). Nothing for fewer than four finished trials.
        """
        if sum(one.state == FINISHED for one in self.rows()) < 4:
            return {}
        evaluator = self._optuna.importance.FanovaImportanceEvaluator(seed=0)
        with suppress(ValueError, RuntimeError):  # all are equally good
            found: Mapping[str, float] = self._optuna.importance.get_param_importances(self._study, evaluator=evaluator)
            return dict(found)
        return {}

    def _open(self, number: int) -> Any:
        """Opens the study for the trial of this number."""
        kinds = self._optuna.samplers
        seed = int(np.random.SeedSequence([self._sweep.seed, number]).generate_state(1)[0])
        sampler = kinds.RandomSampler(seed=seed)
        if self._sweep.sampler == "tpe":
            sampler = kinds.TPESampler(seed=seed, constant_liar=True)
        pruners = self._optuna.pruners
        pruner = pruners.MedianPruner(WITHOUT, WITHOUT) if self._sweep.pruning else pruners.NopPruner()
        direction = "maximize" if self._sweep.metric == "val_accuracy" else "minimize"
        return self._optuna.create_study(
            storage=self._storage, study_name="sweep", load_if_exists=True, direction=direction, sampler=sampler,
            pruner=pruner,
        )  # fmt: skip

    def _distribution(self, values: Any) -> Any:
        kinds = self._optuna.distributions
        if not isinstance(values, Range):
            return kinds.CategoricalDistribution(list(values))
        if values.is_whole:
            return kinds.IntDistribution(values.low, values.high, log=values.log, step=int(values.step or 1))
        return kinds.FloatDistribution(values.low, values.high, log=values.log, step=values.step)

    def _trials(self) -> list[Any]:
        found: list[Any] = self._study.get_trials(deepcopy=False)
        return found

    def _again(self) -> dict[int, bool]:
        """Returns the numbers of trials that were begun again, and whether they had ended their process."""
        notes = self._study.user_attrs
        return {int(name.removeprefix(AGAIN)): bool(own) for name, own in notes.items() if name.startswith(AGAIN)}


class Trial:
    """A trial that is under way, with its `settings` by key."""

    def __init__(self, trial: Any, study: Any, sweep: Sweep) -> None:
        self.number: int = trial.number
        self.settings: dict[str, Any] = dict(trial.params)
        self._trial, self._study, self._sweep = trial, study, sweep

    def should_end(self, epoch: int, figures: Mapping[str, float]) -> bool:
        """Notes what an epoch came to, and tells whether it is so bad that the training is to end."""
        self._trial.report(figures[self._sweep.metric], epoch)
        return bool(self._trial.should_prune())

    def tell(self, result: TrialResult) -> None:
        """Notes what came of it: `val_accuracy` and `val_loss` of the `epoch` that is kept, or why there are none."""
        states = _optuna().trial.TrialState
        if result.why:
            self._trial.set_user_attr(WHY, result.why)
            self._study.tell(self._trial, state=states.FAIL)
            return
        self._trial.set_user_attr("figures", dict(result.figures))
        value = None if result.pruned else result.figures[self._sweep.metric]
        self._study.tell(self._trial, value, states.PRUNED if result.pruned else states.COMPLETE)


def mend_journal(folder: Path) -> None:
    """Cuts off half a line that a full disk or a loss of power has left. Nobody else must be at work."""
    path = folder / JOURNAL
    if path.is_file():
        content = path.read_bytes()
        if content and not content.endswith(b"\n"):
            write_bytes(path, content[: content.rfind(b"\n") + 1])


class _Lock:
    """What Optuna's journal takes for its lock: one of the system's, which ends with whoever holds it."""

    def __init__(self, path: Path) -> None:
        self._path, self._held = path, ExitStack()

    def acquire(self) -> bool:
        """Waits for it."""
        self._held.enter_context(_in_turn(self._path))
        return True

    def release(self) -> None:
        """Lets go of it."""
        self._held.close()


@contextmanager
def _in_turn(path: Path) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with locked(path):
                yield
                return
        except BusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def _optuna() -> Any:
    """Returns Optuna. Raises ConfigError where it is not installed."""
    try:
        import optuna
        import optuna.storages.journal
    except ImportError:
        raise ConfigError("a sweep needs Optuna, which is not installed: `pip install 'kerasvgg[sweep]'`") from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
