"""Trials side by side: processes that take one after the other, and are begun anew where they end."""

import logging
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from kerasvgg.config.sweep import Sweep
from kerasvgg.errors import KerasVGGError
from kerasvgg.process.children import begin, end, settle, telling
from kerasvgg.process.progress import warn
from kerasvgg.process.threads import share_of_processors
from kerasvgg.sweep.study import Study

SECONDS = 0.5  # between looks


def compute_in_process(experiment: Path, jobs: int) -> None:
    """Computes the experiment's features as so many trials side by side take them. Raises KerasVGGError if it fails."""
    process = begin(_compute, (experiment, share_of_processors(jobs)))
    try:
        process.join()
    finally:
        end([process])
    if process.exitcode:
        raise KerasVGGError(f"the features could not be computed: the process ended with {process.exitcode}")


def train_side_by_side(folder: Path, sweep: Sweep, experiment: Path, jobs: int, tell: Callable[[], None]) -> None:
    """Has so many processes take the study's trials, until all are over or no other is to begin.

    `tell` is called now and then. Raises KerasVGGError where a process ends before it has begun a trial.
    """
    study = Study(folder, sweep)
    until = time.time() + 60 * sweep.minutes if sweep.minutes else float("inf")
    words = (folder, sweep, experiment, (share_of_processors(jobs), until))
    running = [begin(_train, words) for _ in range(jobs)]
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


def _require_a_trial(study: Study, process: BaseProcess) -> None:
    """Has the trial of a process that has ended begun again. Raises KerasVGGError where it had none."""
    if not study.renew(process.pid):
        raise KerasVGGError(f"a process ended with {process.exitcode} before it had begun a trial")
    warn(f"a process ended with {process.exitcode}; its trial is begun again")


def _compute(experiment: Path, threads: int) -> None:
    settle(threads)
    from kerasvgg.sweep.trial import compute_features

    telling(lambda: compute_features(experiment))


def _train(folder: Path, sweep: Sweep, experiment: Path, how: tuple[int, float]) -> None:
    threads, until = how
    settle(threads, logging.ERROR)  # the warnings of one experiment, thirty times
    from kerasvgg.sweep.trial import run_trials

    telling(lambda: run_trials(Study(folder, sweep), experiment, lambda: time.time() < until))
