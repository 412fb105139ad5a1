"""Batches that are random runs of consecutive pictures."""

from typing import TYPE_CHECKING, Self

from pydantic import Field, model_validator

from kerasvgg.errors import DataError
from kerasvgg.settings import Count, Section

if TYPE_CHECKING:
    import numpy as np


class Windows(Section):
    """Batches that are random runs of consecutive training pictures, in one random order made before training.

    Source: the training loop of github.com/chenlinzhong/gender-recognition.
    """

    least: Count = Field(description="A run has at least so many pictures.")
    most: Count = Field(description="A run has at most so many pictures.")
    last_start: Count = Field(description="A run begins at least so many pictures before the end.")

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if not self.least <= self.most <= self.last_start:
            raise ValueError("must have `least` <= `most` <= `last_start`")
        return self

    def check(self, n: int) -> None:
        """Raises DataError for fewer pictures than a window may need."""
        if n < self.last_start:
            raise DataError(
                f"`windows.last_start` must be at most the {n} training pictures, received {self.last_start}"
            )

    def draw(self, n: int, steps: int, seed: int, epoch: int) -> "list[np.ndarray]":
        """Returns the picture numbers of each of an epoch's batches; the order follows from the seed alone."""
        import numpy as np

        order = np.random.default_rng((seed, n)).permutation(n)
        random = np.random.default_rng((seed, epoch, n))
        starts = random.integers(0, n - self.last_start, steps, endpoint=True)
        lengths = random.integers(self.least, self.most, steps, endpoint=True)
        return [order[start : start + length] for start, length in zip(starts, lengths, strict=True)]
