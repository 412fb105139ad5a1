"""A learning rate that rises batch by batch, and what the loss makes of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

KEPT = 0.95  # of the mean, from one batch to the next
MEMORY = 20  # batches that the mean is about
DIVERGED = 4.0  # times the loss at the beginning
FALL = 0.95  # of the loss at the beginning is what it must fall to


@dataclass(frozen=True)
class Sweep:
    """The losses of batches, each trained on at its rate; rates rise by the same factor from one to the next."""

    rates: Sequence[float]
    losses: Sequence[float]

    @cached_property
    def smooth(self) -> list[float]:
        """The losses' exponential mean, without its bias towards the start."""
        means, mean = [], 0.0
        for count, loss in enumerate(self.losses, start=1):
            mean = KEPT * mean + (1 - KEPT) * loss
            means.append(mean / (1 - KEPT**count))
        return means

    @property
    def has_diverged(self) -> bool:
        """Tells whether to end: the smoothed loss is no number, or four times what it began with."""
        return not math.isfinite(self.smooth[-1]) or self.smooth[-1] > DIVERGED * self._start

    @property
    def highest(self) -> float:
        """The highest rate at which the smoothed loss is not above what it began with."""
        return max((rate for rate, loss in self._settled if loss <= self._start), default=self.rates[0])

    @property
    def suggestion(self) -> float | None:
        """The rate where the smoothed loss falls most steeply; None where it falls by less than 5 % in all.

        Source: L. N. Smith, Cyclical Learning Rates for Training Neural Networks (2017), 3.3; the steepest point is
        what fastai's lr_find first proposed.
        """
        rates, losses = zip(*self._settled, strict=True)
        end = int(np.argmin(losses)) + 1
        if losses[end - 1] > FALL * self._start or end < MEMORY:
            return None
        return float(rates[int(np.argmin(np.gradient(losses[:end], np.log(rates[:end]))))])

    @property
    def _start(self) -> float:
        return self.smooth[min(MEMORY, len(self.smooth)) - 1]

    @property
    def _settled(self) -> list[tuple[float, float]]:
        """Rates and smoothed losses, without the first, which are means of too few, and those that are no numbers."""
        pairs = list(zip(self.rates, self.smooth, strict=True))[min(MEMORY, len(self.smooth)) - 1 :]
        return [(rate, loss) for rate, loss in pairs if math.isfinite(loss)]
