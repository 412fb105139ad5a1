"""The worst mistakes among predictions."""

from collections.abc import Iterable, Sequence

from kerasvgg.data.targets import targets
from kerasvgg.evaluation.calibration import cross_entropies, probabilities
from kerasvgg.evaluation.predictions import Prediction


def worst_mistakes(
    predictions: Iterable[Prediction], most: int | None = None, class_names: Sequence[str] | None = None
) -> list[Prediction]:
    """Returns the mistakes, the most confident first, at most so many.

    Where pictures have several classes, `class_names` says which there are, and the first is that of the highest loss.
    """
    wrong = [one for one in predictions if one.predicted != one.true and (one.true or class_names)]
    if not class_names or not wrong:
        return sorted(wrong, key=lambda one: -max(one.probabilities))[:most]
    wanted = targets([one.true for one in wrong], class_names, multi_label=True)
    losses = cross_entropies(probabilities(wrong), wanted)
    return [wrong[place] for place in (-losses).argsort(kind="stable")[:most]]
