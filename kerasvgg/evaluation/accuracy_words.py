"""An accuracy as it is said everywhere: never without its interval and how many pictures it is of."""

from kerasvgg.evaluation.intervals import wilson


def accuracy_words(correct: int, n: int) -> str:
    """Returns, for 986 of 1,000, "98.6 % (97.7 to 99.2), n 1,000": the brackets hold the 95 % interval."""
    digits = 1 if n <= 1000 else 2
    low, high = (f"{100 * bound:.{digits}f}" for bound in wilson(correct, n))
    return f"{100 * correct / n:.{digits}f} % ({low} to {high}), n {n:,}"
