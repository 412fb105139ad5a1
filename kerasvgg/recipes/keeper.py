"""What a training writes to its run folder while it goes on, and takes up again."""

from typing import Any

from kerasvgg.errors import ConfigError
from kerasvgg.features.frozen import Frozen
from kerasvgg.models.save import save_model
from kerasvgg.progress import say
from kerasvgg.recipes.build import Classifier
from kerasvgg.recipes.checkpoints import Checkpoints
from kerasvgg.recipes.iterations import Iterations
from kerasvgg.recipes.pace import Pace
from kerasvgg.recipes.record import Record, say_epoch
from kerasvgg.recipes.resume import differences
from kerasvgg.recipes.state import State
from kerasvgg.run_folder import RunFolder

SECONDS_BETWEEN_STATES = 30.0  # while epochs are shorter


class Keeper:
    """Called at every epoch's end, writes the history, a state and, when it has changed, the best model so far.

    A state is written at the end of each phase, and of each epoch unless epochs are so short that this would take
    more than 1 % of the time; then every 30 seconds at the latest. `facts` must still be the same when it is taken up.
    """

    def __init__(self, folder: RunFolder, classifier: Classifier, frozen: Frozen, facts: dict[str, Any]) -> None:
        self.resumed_after: list[int] = []
        self._folder, self._classifier, self._frozen, self._facts = folder, classifier, frozen, facts
        self._checkpoints = Checkpoints(folder.checkpoints)
        self._state_pace, self._best_pace = Pace(SECONDS_BETWEEN_STATES), Pace()
        self._best_written = 0
        self._from: int | None = 0

    def __call__(self, record: Record) -> None:
        """Writes what is due after an epoch."""
        self._folder.write_history(record.rows)
        if record.iterations:
            self._folder.write_iterations(record.iterations.rows)
        say_epoch(record)
        if record.phase_is_over or self._state_pace.is_due:
            with self._state_pace.writing():
                self._write(record)
        if record.best["epoch"] != self._best_written and self._best_pace.is_due:
            with self._best_pace.writing(), record.at_best() as model:
                save_model(model, self._folder.best, self._classifier.description)
            self._best_written = record.best["epoch"]

    def _write(self, record: Record) -> None:
        if self._from is not None:  # what another training, or this one before its interruption, has left
            self._checkpoints.remove_after(self._from)
            self._from = None
        about = {
            "mode": self._frozen.mode,
            "resumed_after": self.resumed_after,
            "skipped": self._frozen.bad_files.found,
        }
        self._checkpoints.write(record.state(facts=self._facts, **about))

    def take_up(self, force: bool, iterations: Iterations | None = None) -> State | None:
        """Returns the newest state of the folder, or None where there is none yet; `iterations` get the batches so far.

        Raises ConfigError if it is not of this training, unless `force` says that the changes are meant.
        """
        state = self._checkpoints.newest()
        if state is None:
            return None
        changed = differences(state.facts, self._facts)
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
            say(f"going on although changed: {change}")
        self._from, self._frozen.mode = state.epoch, state.mode
        self._frozen.bad_files.found |= state.skipped
        self.resumed_after = [*state.resumed_after, state.epoch]
        if iterations and self._folder.iterations.is_file():
            iterations.rows = [row for row in self._folder.read_iterations() if row["epoch"] <= state.epoch]
        say(f"going on after epoch {state.epoch}")
        return state
