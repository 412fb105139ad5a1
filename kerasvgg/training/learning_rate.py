"""The learning rate range test."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np

from kerasvgg.models.freezing import CutModel
from kerasvgg.process.progress import track
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.guards.freeze_audit import FreezeAudit
from kerasvgg.training.loop import compile_classifier, readable_errors, train_phases
from kerasvgg.training.phase import TrainingSettings
from kerasvgg.training.precision import computing_in

BESIDE = 10  # batches on either side of one, whose median stands for it
DIVERGED = 4.0  # times the loss at the beginning
FALL = 0.95  # of the loss at the beginning is what it must fall to


@dataclass(frozen=True)
class RateCurve:
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


def lr_find(
    cut_model: CutModel,
    settings: TrainingSettings,
    number: int,
    source: BatchSource,
    *,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 300,
) -> RateCurve:
    """Trains the phase with this number for at most so many batches, at rates from `lowest` to `highest`.

    The phases before it are trained first. It ends early where the loss diverges. The model is no good afterwards.
    """
    before, phase, cut = settings.phases[:number], settings.phases[number], cut_model.cuts[number]
    if before:
        train_phases(cut_model, replace(settings, phases=before), source, FreezeAudit(cut_model, before))
    cut_model.train_only(phase.layers)
    trained = cut_model.after(cut)
    compile_classifier(trained, phase, None, settings.precision, taught=settings.teacher is not None)
    first = sum(earlier.epochs for earlier in before)
    dataset = source.training(phase, cut, first)
    with readable_errors((dataset,), source.batch_size), computing_in(settings.precision, trained):
        return _sweep(
            trained, islice(dataset, steps), np.geomspace(lowest, highest, steps).tolist(), source.class_weight(phase)
        )


def _sweep(
    model: Any, batches: Iterable[Any], rates: Sequence[float], class_weight: Mapping[int, float] | None
) -> RateCurve:
    sweep = RateCurve([], [])
    for rate, (x, y) in zip(rates, track(batches, "learning rates", len(rates)), strict=True):
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = model.train_on_batch(x, y, class_weight=class_weight)[0]
        sweep = RateCurve([*sweep.rates, rate], [*sweep.losses, float(loss)])
        if sweep.has_diverged:
            break
    return sweep
