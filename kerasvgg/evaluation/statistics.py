"""Statistics of shares: Wilson's interval, McNemar's test, Holm's correction."""

import math
from collections.abc import Sequence

Z95 = 1.959963984540054


def wilson(correct: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Returns Wilson's score interval for correct / n, by default 95 % (Wilson 1927)."""
    share = correct / n
    scale = 1 + z * z / n
    centre = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, centre - half), min(1.0, centre + half)


def mcnemar(b: int, c: int) -> float:
    """Returns the two-sided p of McNemar's exact test: that b + c fair coins fall at least as unevenly as b to c.

    `b` pictures only the first has right, `c` only the second (McNemar 1947, in its exact binomial form).
    """
    n, term, tail = b + c, 1, 0
    for i in range(min(b, c) + 1):
        tail += term
        term = term * (n - i) // (i + 1)
    return min(1.0, float(2 * tail / 2**n))


def holm(ps: Sequence[float]) -> list[float]:
    """Returns the p values corrected so that all of them together err with the probability of one (Holm 1979)."""
    corrected = [0.0] * len(ps)
    highest = 0.0
    for rank, place in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[place]))
        corrected[place] = highest
    return corrected


def accuracy_words(correct: int, n: int, independent: float | None = None) -> str:
    """Returns, for 986 of 1,000, "98.6 % (97.7 to 99.2), n 1,000": the brackets hold the 95 % interval.

    It is that of so many `independent` pictures, where n tell no more than they (see `fold_accuracy`).
    """
    digits, counts_as = 1 if n <= 1000 else 2, independent or n
    low, high = (f"{100 * bound:.{digits}f}" for bound in wilson(correct / n * counts_as, counts_as))
    return f"{100 * correct / n:.{digits}f} % ({low} to {high}), n {n:,}"


def pooled_words(counts: Sequence[tuple[int, int]]) -> str:
    """Returns the mean accuracy of several runs of (right, all) pictures, with Wilson's interval of all together.

    Runs that share their pictures make it narrower than new pictures would.
    """
    shares = [right / n for right, n in counts]
    right, n = (sum(each) for each in zip(*counts, strict=True))
    low, high = wilson(right, n)
    spread = f"{100 * min(shares):.1f} to {100 * max(shares):.1f}"
    mean = 100 * sum(shares) / len(shares)
    return f"mean {mean:.1f} % of {len(counts)} seeds ({spread}); pooled interval {100 * low:.1f} to {100 * high:.1f} %"
