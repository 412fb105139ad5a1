"""The learning rate range test."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from kerasvgg.features.frozen import Frozen
from kerasvgg.models.transfer import part, train_only
from kerasvgg.progress import track
from kerasvgg.recipes.feed import Feed
from kerasvgg.recipes.fit import readable_errors
from kerasvgg.recipes.freeze_audit import FreezeAudit
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.sweep import Sweep
from kerasvgg.recipes.train import compile_classifier, train_phases


def lr_find(
    model: Any,
    phases: Sequence[Phase],
    number: int,
    feed: Feed,
    frozen: Frozen,
    *,
    lowest: float = 1e-6,
    highest: float = 1.0,
    steps: int = 300,
    **how: Any,
) -> Sweep:
    """Trains the phase with this number for at most so many batches, at rates from `lowest` to `highest`.

    The phases before it are trained first, `how` being what `train_phases` takes. It ends early where the loss
    diverges. The model is no good afterwards.
    """
    if number:
        train_phases(model, phases[:number], feed, frozen, FreezeAudit(model, phases[:number]), **how)
    phase, cut = phases[number], frozen.cuts[number]
    train_only(model, phase.layers)
    trained = part(model, cut, None)
    compile_classifier(trained, phase)
    first = sum(earlier.epochs for earlier in phases[:number])
    dataset = feed.training(phase, cut, first)
    with readable_errors((dataset,), feed.batch_size):
        return _sweep(
            trained, islice(dataset, steps), np.geomspace(lowest, highest, steps).tolist(), feed.class_weight(phase)
        )


def _sweep(
    model: Any, batches: Iterable[Any], rates: Sequence[float], class_weight: Mapping[int, float] | None
) -> Sweep:
    sweep = Sweep([], [])
    for rate, (x, y) in zip(rates, track(batches, "learning rates", len(rates)), strict=True):
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = model.train_on_batch(x, y, class_weight=class_weight)[0]
        sweep = Sweep([*sweep.rates, rate], [*sweep.losses, float(loss)])
        if sweep.has_diverged:
            break
    return sweep
