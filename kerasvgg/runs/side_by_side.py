"""Runs side by side: each in a process of its own, with its share of the processors."""

import time
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from kerasvgg.errors import KerasVGGError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.process.children import begin, end, settle, telling
from kerasvgg.process.threads import share_of_processors
from kerasvgg.runs.jobs import Job
from kerasvgg.runs.run import Outcome, finished

SECONDS = 0.2  # between looks


def run_side_by_side(asked: Sequence[Job], runs: Path, force: bool, count: int) -> dict[str, Outcome]:
    """Runs all of them, so many at a time, and returns what each came to, by its label.

    Raises KerasVGGError where some have not come to their end, once the others have.
    """
    waiting, running, failed = list(asked), dict[str, BaseProcess](), list[str]()
    threads = share_of_processors(count)
    try:
        while waiting or running:
            while waiting and len(running) < count:
                job = waiting.pop(0)
                if not job.is_finished:
                    running[job.label] = begin(_run, (job, runs, force, threads))
            time.sleep(SECONDS)
            for label in [label for label, one in running.items() if not one.is_alive()]:
                if running.pop(label).exitcode:
                    failed.append(label)
    finally:
        end(list(running.values()))
    if failed:
        raise KerasVGGError(
            f"{', '.join(failed)} did not come to an end; the same command with --resume goes on with what there is"
        )
    return {job.label: _outcome(job, runs) for job in asked}


def _outcome(job: Job, runs: Path) -> Outcome:
    if job.is_finished:
        return job.finished()
    folder = job.folder or RunFolder.newest(runs, job.name)
    if folder is None:
        raise KerasVGGError(f"`{runs / job.name}` must have a run that has come to its end, received none")
    return finished(folder)


def _run(job: Job, runs: Path, force: bool, threads: int) -> None:
    settle(threads, name=job.label)
    from kerasvgg.runs.run import run

    telling(lambda: run(job.prepare(force), job.name, runs))
