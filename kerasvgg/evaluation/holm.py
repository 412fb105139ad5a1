"""Several tests at a time."""

from collections.abc import Sequence


def holm(ps: Sequence[float]) -> list[float]:
    """Returns the p values corrected so that all of them together err with the probability of one (Holm 1979)."""
    corrected = [0.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = highest
    return corrected
