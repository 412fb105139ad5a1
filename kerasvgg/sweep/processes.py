"""Trials side by side on this machine: processes that take one after the other, begun anew where they end."""

import logging
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

from kerasvgg.config.sweep import Sweep
from kerasvgg.errors import KerasVGGError
from kerasvgg.process.children import begin, end, settle, telling
from kerasvgg.process.progress import warn
from kerasvgg.process.threads import share_of_processors
from kerasvgg.sweep.study import Study

SECONDS = 0.5  # between looks


class Trainers(Protocol):
    """Who computes an experiment's features and trains a sweep's trials."""

    def compute_features(self, experiment: Path) -> None:
        """Computes the experiment's features, but for the test split, as trials take them."""
        ...

    def train(self, folder: Path, sweep: Sweep, experiment: Path, tell: Callable[[], None]) -> None:
        """Trains the study's trials, until all are over or no other is to begin; `tell` is called now and then."""
        ...


class Processes:
    """So many processes side by side, each with its share of the processors."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def compute_features(self, experiment: Path) -> None:
        """Computes them in a process of its own. Raises KerasVGGError if it fails."""
        run_in_process(_compute, share_of_processors(self._jobs), experiment)

    def train(self, folder: Path, sweep: Sweep, experiment: Path, tell: Callable[[], None]) -> None:
        """See `Trainers`. Raises KerasVGGError where a process ends before it has begun a trial."""
        study = Study(folder, sweep)
        words = (folder, sweep, experiment, (share_of_processors(self._jobs), end_of(sweep)))
        running = [begin(_train, words) for _ in range(self._jobs)]
        try:
            while running:
                time.sleep(SECONDS)
                tell()
                for one in [one for one in running if not one.is_alive()]:
                    running.remove(one)
                    if one.exitcode:
                        _require_a_trial(study, one)
                        running.append(begin(_train, words))
        finally:
            end(running)


def run_in_process(compute: Callable[..., None], threads: int, *words: Any) -> None:
    """Has a process compute an experiment's features with so many threads. Raises KerasVGGError where it fails."""
    process = begin(_settled, (compute, threads, words))
    try:
        process.join()
    finally:
        end([process])
    if process.exitcode:
        raise KerasVGGError(f"the features could not be computed: the process ended with {process.exitcode}")


def end_of(sweep: Sweep) -> float:
    """Returns the time, as `time.time` has it, after which no trial begins."""
    return time.time() + 60 * sweep.minutes if sweep.minutes else float("inf")


def _require_a_trial(study: Study, process: BaseProcess) -> None:
    """Has the trial of a process that has ended begun again. Raises KerasVGGError where it had none."""
    if not study.renew(process.pid):
        raise KerasVGGError(f"a process ended with {process.exitcode} before it had begun a trial")
    warn(f"a process ended with {process.exitcode}; its trial is begun again")


def _settled(compute: Callable[..., None], threads: int, words: tuple[Any, ...]) -> None:
    settle(threads)
    telling(lambda: compute(*words))


def _compute(experiment: Path) -> None:
    from kerasvgg.sweep.trial import compute_features

    compute_features(experiment)


def _train(folder: Path, sweep: Sweep, experiment: Path, how: tuple[int, float]) -> None:
    threads, until = how
    settle(threads, logging.ERROR)  # the warnings of one experiment, thirty times
    from kerasvgg.sweep.trial import run_trials

    telling(lambda: run_trials(Study(folder, sweep), experiment, lambda: time.time() < until))
