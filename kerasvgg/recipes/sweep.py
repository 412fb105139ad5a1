"""A learning rate that rises batch by batch, and what the loss makes of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BESIDE = 10  # batches on either side of one, whose median stands for it
DIVERGED = 4.0  # times the loss at the beginning
FALL = 0.95  # of the loss at the beginning is what it must fall to


@dataclass(frozen=True)
class Sweep:
    """The losses of batches, each trained on at its rate; rates rise by the same factor from one to the next."""

    rates: Sequence[float]
    losses: Sequence[float]

    @property
    def smooth(self) -> list[float]:
        """For each batch, the median of its loss and those around it: single batches that jump count little."""
        return [self._median(place) for place in range(len(self.losses))]

    @property
    def has_diverged(self) -> bool:
        """Tells whether to end: the last losses are no numbers, or four times what they were at first."""
        last = self._median(len(self.losses) - 1)
        return not math.isfinite(last) or last > DIVERGED * self._start

    @property
    def highest(self) -> float:
        """The highest rate at which the smoothed loss is not above what it began with."""
        pairs = zip(self.rates, self.smooth, strict=True)
        return max((rate for rate, loss in pairs if loss <= self._start), default=self.rates[0])

    @property
    def suggestion(self) -> float | None:
        """The lowest rate at which the smoothed loss has made half of its fall; None where it falls by less than 5 %.

        Source of the sweep: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), 3.3.
        """
        smooth = self.smooth
        lowest = min(filter(math.isfinite, smooth), default=math.inf)
        if not lowest <= FALL * self._start:
            return None
        return next(rate for rate, loss in zip(self.rates, smooth, strict=True) if loss <= (self._start + lowest) / 2)

    @property
    def _start(self) -> float:
        return float(np.median(self.losses[: 2 * BESIDE]))

    def _median(self, place: int) -> float:
        return float(np.median(self.losses[max(0, place - BESIDE) : place + BESIDE + 1]))
