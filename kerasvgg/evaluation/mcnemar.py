"""Whether one classifier is better than another, by the pictures on which exactly one of them is right."""


def mcnemar(b: int, c: int) -> float:
    """Returns the two-sided p of McNemar's exact test: that b + c fair coins fall at least as unevenly as b to c.

    `b` pictures only the first has right, `c` only the second (McNemar 1947, in its exact binomial form).
    """
    n, term, tail = b + c, 1, 0
    for i in range(min(b, c) + 1):
        tail += term
        term = term * (n - i) // (i + 1)
    return min(1.0, 2 * tail / 2**n)
