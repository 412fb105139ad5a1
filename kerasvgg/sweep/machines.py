"""Trials on the machines of a Ray cluster, whose study this process alone keeps."""

import os
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple

from kerasvgg.cluster.ray_workers import RayWorkerHandle, RayWorkerPool, cluster
from kerasvgg.cluster.remote_worker import About, RemoteProcess, about_of
from kerasvgg.config.sweep import Sweep
from kerasvgg.errors import KerasVGGError
from kerasvgg.files.locations import as_set
from kerasvgg.process.threads import compute_in
from kerasvgg.sweep.processes import end_of, run_in_process
from kerasvgg.sweep.study import Study, Trial, TrialResult

Epoch = tuple[int, Mapping[str, float]]  # its number, from 1, and its figures


class Place(NamedTuple):
    """The experiment's file, the folder that this process is in, and its variables: the same on every machine."""

    experiment: Path
    folder: Path
    variables: Mapping[str, str]


class RemoteTrials(RemoteProcess):
    """Trains one trial after the other in a process on a machine of the cluster, and asks after every epoch."""

    def __init__(self, threads: int, place: Place) -> None:
        super().__init__()
        os.environ.update(place.variables)
        compute_in(threads)
        self._experiment, self._trouble = place.experiment, _trouble(place)
        self._told, self._answers = SimpleQueue[Epoch | TrialResult](), SimpleQueue[bool]()

    def about(self) -> About:
        """Tells which versions are here; no two machines need train to the same bits."""
        return about_of(None, (0, 0))._replace(trouble=self._trouble)

    def begin(self, settings: Mapping[str, Any]) -> Epoch | TrialResult:
        """Begins a trial; returns its first epoch, or what came of it."""
        with self.working():
            Thread(target=self._train, args=(settings,), daemon=True).start()
            return self._told.get()

    def go_on(self, should_end: bool) -> Epoch | TrialResult:
        """Goes on after an epoch, or ends; returns the next one, or what came of the trial."""
        with self.working():
            self._answers.put(should_end)
            return self._told.get()

    def _train(self, settings: Mapping[str, Any]) -> None:
        try:
            from kerasvgg.sweep.trial import train_trial

            came = train_trial(self._experiment, settings, self._asked)
        except BaseException as error:  # who waits for it must hear of it
            came = TrialResult(why=f"{type(error).__name__}: {error}")
        self._told.put(came)

    def _asked(self, epoch: int, figures: Mapping[str, float]) -> bool:
        self._told.put((epoch, figures))
        return self._answers.get()


def _trouble(place: Place) -> str:
    """Goes to the folder, and returns why no trial can be trained here, "" where all is there."""
    from kerasvgg.sweep.trial import require_data

    try:
        os.chdir(place.folder)
        require_data(place.experiment)
    except (KerasVGGError, OSError) as error:
        return f"every machine must see the same files: {error}"
    return ""


class Machines:
    """Trains on the machines of the cluster at an address: as many trials as they have processors, by `threads` each.

    All of them must see the sweep's folder, the pictures and the feature cache under the same paths.
    """

    def __init__(self, address: str, threads: int) -> None:
        self._address, self._threads = address, threads

    def compute_features(self, experiment: Path) -> None:
        """Has the cluster compute the experiment's features. Raises KerasVGGError if it fails."""
        run_in_process(_compute, self._threads, experiment, self._address)

    def train(self, folder: Path, sweep: Sweep, experiment: Path, tell: Callable[[], None]) -> None:
        """Trains the study's trials, until all are over or no other is to begin; `tell` is called now and then."""
        place = Place(experiment.absolute(), Path.cwd(), as_set())
        with cluster(self._address):
            pool = RayWorkerPool(RemoteTrials, self._threads, place, about_of(None, (0, 0)))
            try:
                _Round(Study(folder, sweep), pool, end_of(sweep)).run(tell)
            finally:
                pool.close()


class _Round:
    """The trials that are under way, and who has them."""

    def __init__(self, study: Study, pool: RayWorkerPool, until: float) -> None:
        self._study, self._pool, self._until = study, pool, until
        self._idle: list[RayWorkerHandle] = []
        self._out: dict[RayWorkerHandle, tuple[int, Trial]] = {}
        self._numbers = count(1)

    def run(self, tell: Callable[[], None]) -> None:
        """Goes on until nothing is under way and nothing is to begin."""
        while self._begin() or self._out:
            hand, came = self._pool.next()
            self._take(hand, came)
            tell()

    def _begin(self) -> bool:
        """Begins what can be begun, and tells whether a machine is waited for to begin more."""
        while self._may_begin():
            if not self._idle:
                return True
            number = next(self._numbers)
            if (trial := self._study.ask(number)) is None:
                return False
            hand = self._idle.pop()
            self._out[hand] = number, trial
            hand.call("begin", trial.settings)
        return False

    def _may_begin(self) -> bool:
        return time.time() < self._until and self._study.has_more()

    def _take(self, hand: RayWorkerHandle, came: Any) -> None:
        if isinstance(came, BaseException):  # its process or its machine is gone
            number, _ = self._out.pop(hand)
            self._study.renew(number)
            for beside in [one for one in self._idle if one.node == hand.node]:  # which may be gone, too, unheard
                self._idle.remove(beside)
                self._pool.dismiss(beside)
        elif came is None:  # a new one
            self._idle.append(hand)
        elif isinstance(came, TrialResult):
            self._out.pop(hand)[1].tell(came)
            self._idle.append(hand)
        else:
            hand.call("go_on", self._out[hand][1].should_end(*came))


def _compute(experiment: Path, address: str) -> None:
    from kerasvgg.cluster.frozen import OnCluster
    from kerasvgg.sweep.trial import compute_features

    with OnCluster(address) as elsewhere:
        compute_features(experiment, elsewhere)
