"""The best epoch of a history, and whether the model that was saved is the one that was trained."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from kerasvgg.errors import KerasVGGError

Keep = Literal["best", "lowest_loss", "last"]  # which epoch a training ends with


def rank(row: Mapping[str, Any], keep: Keep = "best") -> tuple[float, float]:
    """Returns what orders epochs: validation's accuracy and then its loss, for `lowest_loss` the other way round."""
    accuracy, loss = row["val_accuracy"], -math.inf if math.isnan(row["val_loss"]) else -row["val_loss"]
    return (loss, accuracy) if keep == "lowest_loss" else (accuracy, loss)


def kept_epoch(rows: Sequence[Mapping[str, Any]], keep: Keep = "best") -> Mapping[str, Any]:
    """Returns the row of the epoch that a training ends with, the first of equal ones."""
    return rows[-1] if keep == "last" else max(rows, key=lambda row: rank(row, keep))


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
