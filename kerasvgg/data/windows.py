"""Batches that are random runs of consecutive pictures."""

from dataclasses import dataclass

import numpy as np

from kerasvgg.errors import DataError


@dataclass(frozen=True)
class Windows:
    """Runs of `least` to `most` pictures, in an order made once, that begin at least `last_start` before its end.

    Source: the training loop of github.com/chenlinzhong/gender-recognition.
    """

    least: int
    most: int
    last_start: int

    def __post_init__(self) -> None:
        if not 1 <= self.least <= self.most <= self.last_start:
            raise DataError(
                "`windows` must have 1 <= least <= most <= last_start; "
                f"received {self.least}, {self.most}, {self.last_start}"
            )

    def check(self, n: int) -> None:
        """Raises DataError for fewer pictures than a window may need."""
        if n < self.last_start:
            raise DataError(
                f"`windows.last_start` must be at most the {n} training pictures, received {self.last_start}"
            )

    def draw(self, n: int, steps: int, seed: int, epoch: int) -> list[np.ndarray]:
        """Returns the picture numbers of each of an epoch's batches; the order follows from the seed alone."""
        order = np.random.default_rng((seed, n)).permutation(n)
        random = np.random.default_rng((seed, epoch, n))
        starts = random.integers(0, n - self.last_start, steps, endpoint=True)
        lengths = random.integers(self.least, self.most, steps, endpoint=True)
        return [order[start : start + length] for start, length in zip(starts, lengths, strict=True)]
