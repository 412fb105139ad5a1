"""Trials side by side: processes that take one after the other, and are begun anew where they end."""

import logging
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from kerasvgg.config.sweep import Sweep
from kerasvgg.errors import KerasVGGError
from kerasvgg.process.progress import LOGGER, warn
from kerasvgg.process.threads import compute_in, processors
from kerasvgg.sweep.study import Study

SECONDS = 0.5  # between looks
SECONDS_TO_END = 10.0  # that a process has when it is told to
REFUSED = 2  # the exit status of one that has said why


def compute_in_process(experiment: Path) -> None:
    """Computes the experiment's features in a process of its own. Raises KerasVGGError where it fails."""
    process = _begun(_compute, (experiment,))
    try:
        process.join()
    finally:
        _end([process])
    if process.exitcode:
        raise KerasVGGError(f"the features could not be computed: the process ended with {process.exitcode}")


def train_side_by_side(folder: Path, sweep: Sweep, experiment: Path, jobs: int, tell: Callable[[], None]) -> None:
    """Has so many processes take the study's trials, until all are over or no other is to begin.

    `tell` is called now and then. Raises KerasVGGError where a process ends before it has begun a trial.
    """
    study, threads = Study(folder, sweep), max(1, processors() // jobs)
    until = time.time() + 60 * sweep.minutes if sweep.minutes else float("inf")
    words = (folder, sweep, experiment, (threads, until))
    running = [_begun(_train, words) for _ in range(jobs)]
    try:
        while running:
            time.sleep(SECONDS)
            tell()
            for one in [one for one in running if not one.is_alive()]:
                running.remove(one)
                if one.exitcode:
                    _require_a_trial(study, one)
                    running.append(_begun(_train, words))
    finally:
        _end(running)


def _require_a_trial(study: Study, process: BaseProcess) -> None:
    """Has the trial of a process that has ended begun again. Raises KerasVGGError where it had none."""
    if not study.renew(process.pid):
        raise KerasVGGError(f"a process ended with {process.exitcode} before it had begun a trial")
    warn(f"a process ended with {process.exitcode}; its trial is begun again")


def _begun(target: Callable[..., None], words: Sequence[Any]) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=target, args=(os.getpid(), *words), daemon=True)
    process.start()
    return process


def _end(processes: Sequence[BaseProcess]) -> None:
    for one in processes:
        one.terminate()
    for one in processes:
        one.join(SECONDS_TO_END)
        if one.is_alive():
            one.kill()


def _compute(parent: int, experiment: Path) -> None:
    _begin(0, logging.INFO)
    from kerasvgg.sweep.trial import compute_features

    _told(lambda: compute_features(experiment))


def _train(parent: int, folder: Path, sweep: Sweep, experiment: Path, how: tuple[int, float]) -> None:
    threads, until = how
    _begin(threads, logging.ERROR)  # the warnings of one experiment, thirty times
    from kerasvgg.sweep.trial import run_trials

    def is_wanted() -> bool:
        return os.getppid() == parent  # which may have been killed

    _told(lambda: run_trials(Study(folder, sweep), experiment, lambda: is_wanted() and time.time() < until, is_wanted))


def _begin(threads: int, level: int) -> None:
    """Leaves Ctrl-C to the parent, and computes with so many threads, 0: with all."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    LOGGER.setLevel(level)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's chatter
    if threads:
        compute_in(threads)


def _told(work: Callable[[], None]) -> None:
    try:
        work()
    except KerasVGGError as error:
        LOGGER.error("%s", error)
        raise SystemExit(REFUSED) from None
