"""Findings about the classes: how many there are, where, and what gives them away."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator
from math import log2

from kerasvgg.checks.kinds import Finding
from kerasvgg.checks.survey import Survey, Surveyed

FEWEST = 10  # pictures of a class
UNBALANCED = 3  # times the smallest class
GAIN = 0.2  # of all pictures, that are guessed right by format or size in addition to those that the largest class has


def classes(survey: Survey) -> Iterator[Finding]:
    """Yields what is wrong with the classes as a whole."""
    counts = survey.counts
    if not counts:
        yield Finding("no-pictures", (), "there is no picture in a class")
        return
    if len(counts) == 1:
        yield Finding("one-class", tuple(counts))
    for part in survey.parts:
        if missing := tuple(label for label in counts if not counts[label][part]):
            yield Finding("classes-differ", missing, f"not in {part}")
    yield from _small(survey)
    most, least = (choose(counts, key=lambda label: counts[label][""]) for choose in (max, min))
    if counts[most][""] > UNBALANCED * counts[least][""]:
        yield Finding("unbalanced", (most, least), f"{counts[most]['']:,} {most}, {counts[least]['']:,} {least}")
    yield from _given_away(survey)


def _small(survey: Survey) -> Iterator[Finding]:
    for label, counts in survey.counts.items():
        few = [(part, count) for part, count in counts.items() if 0 < count < FEWEST]
        if few:
            where = ", ".join(f"{count} in {part or 'all'}" for part, count in few)
            yield Finding("small-class", (label,), where)


def _given_away(survey: Survey) -> Iterator[Finding]:
    told: tuple[tuple[str, Callable[[Surveyed], Hashable]], ...] = (
        ("format-tells-class", lambda one: one.facts.format),
        ("size-tells-class", lambda one: tuple(round(2 * log2(side)) for side in one.size)),
    )
    for kind, seen in told:
        labels: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
        for one in survey.surveyed:
            labels[seen(one)][one.picture.label] += 1
        right = sum(max(found.values()) for found in labels.values() if found.total() >= FEWEST)
        alone = max(counts[""] for counts in survey.counts.values())
        if right - alone > GAIN * len(survey.surveyed):
            share = right / len(survey.surveyed)
            yield Finding(kind, (), f"{share:.0%} of the classes are guessed right by it")
