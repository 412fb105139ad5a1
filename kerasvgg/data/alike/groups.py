"""Pairs joined into groups."""

from collections.abc import Iterable


def groups(count: int, pairs: Iterable[tuple[int, int]]) -> list[int]:
    """Returns for each number from 0 to `count` the least one that pairs, one after another, join it with."""
    leader = list(range(count))

    def least(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    for first, second in pairs:
        one, other = sorted((least(first), least(second)))
        leader[other] = one
    return [least(number) for number in range(count)]
