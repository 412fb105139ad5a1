"""Which epoch is the best."""

import math
from collections.abc import Mapping, Sequence
from typing import Any


def rank(row: Mapping[str, Any]) -> tuple[float, float]:
    """Returns what orders epochs: the higher validation accuracy, ties by the lower validation loss."""
    return row["val_accuracy"], -math.inf if math.isnan(row["val_loss"]) else -row["val_loss"]


def best_epoch(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Returns the row of the best epoch, the first of equal ones."""
    return max(rows, key=rank)
