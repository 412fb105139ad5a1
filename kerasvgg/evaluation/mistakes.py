"""The pictures that were taken for something else."""

from collections.abc import Iterable

from kerasvgg.evaluation.predictions import Prediction


def worst_mistakes(predictions: Iterable[Prediction], most: int | None = None) -> list[Prediction]:
    """Returns the mistakes, the most confident first, at most so many."""
    wrong = [one for one in predictions if one.true and one.predicted != one.true]
    return sorted(wrong, key=lambda one: -max(one.probabilities))[:most]
