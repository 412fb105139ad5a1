"""The states of a training that is under way: the last two, each with its checksums, so that one is always whole."""

from pathlib import Path

from kerasvgg.progress import say
from kerasvgg.recipes.state import DamagedStateError, State, read_state, write_state
from kerasvgg.run_folder import STATES

KEPT = 2


class Checkpoints:
    """A folder of states, one file per epoch that has one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self) -> State | None:
        """Returns the newest whole state, or None where there has never been one; a damaged one is said.

        Raises DamagedStateError if there are states, but none of them is whole.
        """
        damage: DamagedStateError | None = None
        for path in reversed(self._files()):
            try:
                return read_state(path)
            except DamagedStateError as error:
                damage = error
                say(f"{error}; taking the one before")
        if damage:
            raise damage
        return None

    def write(self, state: State) -> None:
        """Writes a state and removes all but the last two."""
        write_state(self._folder / f"state-{state.epoch:06d}.zip", state)
        for path in self._files()[:-KEPT]:
            path.unlink()

    def remove_after(self, epoch: int) -> None:
        """Removes the states of later epochs, which a training that goes on from this one would contradict."""
        for path in self._files():
            if path.name > f"state-{epoch:06d}.zip":
                path.unlink()

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(STATES))
