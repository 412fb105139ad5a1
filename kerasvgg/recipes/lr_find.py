"""The learning rate range test."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np

from kerasvgg.features.frozen import Frozen
from kerasvgg.models.transfer import part, train_only
from kerasvgg.progress import track
from kerasvgg.recipes.feed import Feed
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
) -> Sweep:
    """Trains the phase with this number for at most so many batches, at rates from `lowest` to `highest`.

    The phases before it are trained first, as they are to be. It ends early where the loss diverges. The model is no
    good afterwards.
    """
    if number:
        train_phases(model, phases[:number], feed, frozen, FreezeAudit(model, phases[:number]))
    phase, cut = phases[number], frozen.cuts[number]
    train_only(model, phase.layers)
    trained = part(model, cut, None)
    compile_classifier(trained, phase)
    first = sum(earlier.epochs for earlier in phases[:number])
    batches = islice(feed.training(phase, cut, first), steps)
    sweep = Sweep([], [])
    for rate, (x, y) in zip(
        np.geomspace(lowest, highest, steps), track(batches, "learning rates", steps), strict=False
    ):
        trained.optimizer.learning_rate = float(rate)
        trained.reset_metrics()
        loss = trained.train_on_batch(x, y, class_weight=feed.class_weight(phase))[0]
        sweep = Sweep([*sweep.rates, rate], [*sweep.losses, float(loss)])
        if sweep.has_diverged:
            break
    return sweep
