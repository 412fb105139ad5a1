"""Checkpoints: what a training writes to its run folder while it goes on, and how it is resumed from there."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kerasvgg.engines.engine import settings
from kerasvgg.errors import ConfigError
from kerasvgg.features.cache_key import threads
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.models.save import save_model
from kerasvgg.process.progress import say, warn
from kerasvgg.settings import Engine
from kerasvgg.training.build import Classifier
from kerasvgg.training.history import Iterations, TrainingHistory, say_epoch
from kerasvgg.training.precision import computing_in
from kerasvgg.training.resume import changed_settings
from kerasvgg.training.state import DamagedStateError, State, read_state, write_state

SHARE = 0.01  # of the time, that writing may take


class WriteThrottle:
    """Says when it is time to write again: when the last writing is 1 % of the time since, or after `seconds`."""

    def __init__(self, seconds: float = math.inf) -> None:
        self._seconds, self._ended, self._cost = seconds, -math.inf, 0.0

    @property
    def is_due(self) -> bool:
        """Tells whether it is time."""
        return time.monotonic() - self._ended >= min(self._seconds, self._cost / SHARE)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Measures what the block takes."""
        started = time.monotonic()
        yield
        self._ended = time.monotonic()
        self._cost = self._ended - started


KEPT = 2


class Checkpoints:
    """The states in a run folder, one file per epoch that has one."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    def newest(self) -> State | None:
        """Returns the newest whole state, or None where there has never been one; a damaged one is said.

        Raises DamagedStateError if there are states, but none of them is whole.
        """
        damage: DamagedStateError | None = None
        for path in reversed(self._folder.states()):
            try:
                return read_state(path)
            except DamagedStateError as error:
                damage = error
                warn(f"{error}; taking the one before")
        if damage:
            raise damage
        return None

    def write(self, state: State) -> None:
        """Writes a state and removes all but the last two."""
        write_state(self._folder.checkpoints / f"state-{state.epoch:06d}.zip", state)
        for path in self._folder.states()[:-KEPT]:
            path.unlink()

    def remove_after(self, epoch: int) -> None:
        """Removes the states of later epochs, which a training that goes on from this one would contradict."""
        for path in self._folder.states():
            if path.name > f"state-{epoch:06d}.zip":
                path.unlink()


COMPUTED_BY = "frozen layers"


def _engine_facts(engine: Engine | None) -> dict[str, Any]:
    """Returns what ncnn's bits depend on; TensorFlow's is among the facts anyway."""
    return {COMPUTED_BY: settings(engine, threads())} if engine == "ncnn" else {}


def _known_engine(state: State) -> dict[str, Any]:
    return {COMPUTED_BY: state.facts[COMPUTED_BY]} if COMPUTED_BY in state.facts else {}


SECONDS_BETWEEN_STATES = 30.0  # while epochs are shorter


class CheckpointWriter:
    """Called at every epoch's end, writes the history, a state and, when it has changed, the best model so far.

    A state is written at the end of each phase, and of each epoch unless epochs are so short that this would take
    more than 1 % of the time; then every 30 seconds at the latest. `facts` must still be the same when it is taken up.
    """

    def __init__(
        self, folder: RunFolder, classifier: Classifier, extractor: FeatureExtractor, facts: dict[str, Any]
    ) -> None:
        self.resumed_after: list[int] = []
        self._folder, self._classifier, self._extractor, self._facts = folder, classifier, extractor, facts
        self._checkpoints = Checkpoints(folder)
        self._state_throttle, self._best_throttle = WriteThrottle(SECONDS_BETWEEN_STATES), WriteThrottle()
        self._best_written = 0
        self._from: int | None = 0

    def __call__(self, history: TrainingHistory) -> None:
        """Writes what is due after an epoch."""
        self._folder.write_history(history.rows)
        if history.iterations:
            self._folder.write_iterations(history.iterations.rows)
        say_epoch(history)
        if history.phase_is_over or self._state_throttle.is_due:
            with self._state_throttle.writing():
                self._write(history)
        if history.best["epoch"] != self._best_written and self._best_throttle.is_due:
            with self._best_throttle.writing(), history.at_best() as model, computing_in("float32", model):
                save_model(model, self._folder.best, self._classifier.description)
            self._best_written = history.best["epoch"]

    def _write(self, history: TrainingHistory) -> None:
        if self._from is not None:  # what another training, or this one before its interruption, has left
            self._checkpoints.remove_after(self._from)
            self._from = None
        about = {
            "engine": self._extractor.parts.engine,
            "resumed_after": self.resumed_after,
            "skipped": self._extractor.bad_files.found,
        }
        self._checkpoints.write(
            history.state(facts={**self._facts, **_engine_facts(self._extractor.parts.engine)}, **about)
        )

    def take_up(self, force: bool, iterations: Iterations | None = None) -> State | None:
        """Returns the newest state of the folder, or None where there is none yet; `iterations` get the batches so far.

        Raises ConfigError if it is not of this training, unless `force` says that the changes are meant.
        """
        state = self._checkpoints.newest()
        if state is None:
            return None
        # An older state does not say what its engine was made of.
        by = _engine_facts(state.engine) if COMPUTED_BY in state.facts else {}
        changed = changed_settings(state.facts, {**self._facts, **by})
        if changed and not force:
            raise ConfigError(
                f"`{self._folder.path}` was trained in another way and can't go on to the same end: "
                f"{'; '.join(changed)}. Put it back, or say --force (`force=True`) to go on nevertheless"
            )
        present = len(state.starts) - 1
        over, now = state.facts["train"][:present], self._facts["train"]
        if now[:present] != over or len(now) <= present:
            raise ConfigError(
                f"`{self._folder.path}` has come to `train.{present}`, which must be there, and what is before it must "
                "stay as it was, also with --force"
            )
        for change in changed:
            warn(f"going on although changed: {change}")
        self._from, self._extractor.parts.engine = state.epoch, None if by != _known_engine(state) else state.engine
        self._extractor.bad_files.found |= state.skipped
        self.resumed_after = [*state.resumed_after, state.epoch]
        if iterations and self._folder.iterations.is_file():
            iterations.rows = [row for row in self._folder.read_iterations() if row["epoch"] <= state.epoch]
        say(f"going on after epoch {state.epoch}")
        return state
