"""Files that go missing or bad after the split was planned."""

from typing import TYPE_CHECKING

import numpy as np

from kerasvgg.errors import DataError
from kerasvgg.progress import say

if TYPE_CHECKING:
    from kerasvgg.data.pictures import Pictures

POLICIES = ("stop", "skip")


class BadFileError(DataError):
    """Names one file that can't be used, in `path`, and why, in `reason`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path, self.reason = path, reason


class BadFiles:
    """What to do about them: stop at the first one, or skip them; `found` says which were skipped, and why."""

    def __init__(self, policy: str = "stop") -> None:
        self.skips = policy == "skip"
        self.found: dict[str, str] = {}

    def load(self, pictures: "Pictures", indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the asked pictures, and the places of those that are good; both may be empty.

        Raises BadFileError for the first bad one unless they are skipped.
        """
        try:
            return pictures.load(indices), indices
        except BadFileError:
            if not self.skips:
                raise
        good = np.array([i for i in indices if self._is_good(pictures, i)], dtype=indices.dtype)
        return (pictures.load(good) if good.size else np.empty(0)), good

    def _is_good(self, pictures: "Pictures", i: int) -> bool:
        try:
            pictures.load(np.array([i]))
        except BadFileError as error:
            if error.path not in self.found:
                say(f"skipped: {error}")
            self.found[error.path] = error.reason
            return False
        return True
