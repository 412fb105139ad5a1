"""Whether scoring found the accuracy that training noted: pictures in another order than their labels do not."""

import math

from kerasvgg.errors import KerasVGGError

LEAST = 0.05  # of all pictures
SURE = 1.5  # by the square root of their number: three standard deviations, at most


def require_same_as_trained(trained: float, correct: int, n: int) -> None:
    """Raises KerasVGGError unless validation's accuracy, scored afterwards, is about the one that training noted.

    A little difference is rounding, or comes of mirror images at test time.
    """
    scored = correct / n
    if abs(scored - trained) > max(LEAST, SURE / math.sqrt(n)):
        raise KerasVGGError(
            f"validation was {trained:.1%} while training and is {scored:.1%} of {n:,} pictures when scored "
            "afterwards: predictions and true classes do not belong to the same pictures, as when a generator that "
            "shuffles is scored against labels in order, so that no figure of this run is true"
        )
