"""When a phase stops early and when its learning rate falls: both follow from its epochs so far, and nothing else."""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field

from kerasvgg.settings import Count, Fraction, Section

Row = dict[str, Any]
Monitor = Annotated[
    Literal["val_loss", "val_accuracy", "loss", "accuracy"], Field(description="The column of the history to look at.")
]
Patience = Annotated[Count, Field(description="Epochs without a gain that are waited for.")]


class EarlyStopping(Section):
    """Stops after `patience` epochs without a gain of more than `min_delta` in `monitor`, a column of the history.

    Decides as keras.callbacks.EarlyStopping does, but takes no NaN for a gain.
    """

    patience: Patience
    monitor: Monitor = "val_loss"
    min_delta: float = Field(default=0.0, ge=0, description="A change must be larger than this to be a gain.")


class ReduceLearningRate(Section):
    """Multiplies the learning rate by `factor`, down to `minimum`, after `patience` epochs without a gain.

    Decides as keras.callbacks.ReduceLROnPlateau does, without a cooldown.
    """

    patience: Patience
    factor: Fraction = Field(default=0.1, description="What the learning rate is multiplied by.")
    monitor: Monitor = "val_loss"
    min_delta: float = Field(default=1e-4, ge=0, description="A change must be larger than this to be a gain.")
    minimum: float = Field(default=0.0, ge=0, description="The learning rate falls no lower than this.")


def stops(rule: EarlyStopping | None, rows: Sequence[Row]) -> bool:
    """Tells whether a phase with these epochs so far is over before its time."""
    if rule is None or not rows:
        return False
    return _waits(rows, rule)[-1] >= rule.patience


def learning_rate(start: float, rule: ReduceLearningRate | None, rows: Sequence[Row]) -> float:
    """Returns the rate for the epoch that follows these."""
    if rule is None:
        return start
    falls = sum(wait > 0 and wait % rule.patience == 0 for wait in _waits(rows, rule))
    rate = start
    for _ in range(falls):
        rate = max(rate * rule.factor, min(rate, rule.minimum))
    return rate


def _waits(rows: Sequence[Row], rule: EarlyStopping | ReduceLearningRate) -> list[int]:
    """Returns, for each epoch, how many there have been since the last gain."""
    sign = -1 if rule.monitor.endswith("accuracy") else 1
    best, waits = math.inf, [0]
    for row in rows:
        value = sign * row[rule.monitor]
        gained = value < best - rule.min_delta
        best = value if gained else best
        waits.append(0 if gained else waits[-1] + 1)
    return waits[1:]
