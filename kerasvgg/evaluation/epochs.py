"""The best epoch of a history, and whether the model that was saved is the one that was trained."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kerasvgg.errors import KerasVGGError


def rank(row: Mapping[str, Any]) -> tuple[float, float]:
    """Returns what orders epochs: the higher validation accuracy, ties by the lower validation loss."""
    return row["val_accuracy"], -math.inf if math.isnan(row["val_loss"]) else -row["val_loss"]


def best_epoch(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Returns the row of the best epoch, the first of equal ones."""
    return max(rows, key=rank)


LEAST = 0.05  # of all pictures
SURE = 1.5  # by the square root of their number: three standard deviations, at most


def require_same_as_trained(trained: float, correct: float, n: int) -> None:
    """Raises KerasVGGError unless validation's accuracy, scored afterwards, is about the one that training noted.

    Of several classes for a picture, `correct` counts the share of them that is. A little difference is rounding, or
    comes of mirror images at test time.
    """
    scored = correct / n
    if abs(scored - trained) > max(LEAST, SURE / math.sqrt(n)):
        raise KerasVGGError(
            f"validation was {trained:.1%} while training and is {scored:.1%} of {n:,} pictures when scored "
            "afterwards: predictions and true classes do not belong to the same pictures, as when a generator that "
            "shuffles is scored against labels in order, so that no figure of this run is true"
        )
