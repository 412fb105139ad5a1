"""What a check has found, worst first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from kerasvgg.files.text import printable
from kerasvgg.quality.content import content
from kerasvgg.quality.copies import Copy, copies, divided_groups
from kerasvgg.quality.folders import classes, left_out, names
from kerasvgg.quality.kinds import KINDS, LEVELS, Finding
from kerasvgg.quality.survey import Survey


@dataclass(frozen=True)
class Report:
    """A survey, the findings about it, and among them the pairs of pictures that are one."""

    survey: Survey
    findings: tuple[Finding, ...]
    copies: tuple[Copy, ...] = field(default=(), repr=False)

    @property
    def by_kind(self) -> dict[str, list[Finding]]:
        """The findings of each kind: errors, then warnings, then notes."""
        order = sorted(KINDS, key=lambda kind: LEVELS.index(KINDS[kind].level))
        return {kind: found for kind in order if (found := [one for one in self.findings if one.kind == kind])}

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(one.level == "error" for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Returns everything as JSON values; names that are not UTF-8 are written as Python shows them."""
        return {
            "pictures": len(self.survey.surveyed),
            "classes": {printable(label): _parts(counts) for label, counts in self.survey.counts.items()},
            "formats": dict(Counter(one.facts.format for one in self.survey.surveyed)),
            **sides(self.survey),
            "findings": [_as_json(one) for found in self.by_kind.values() for one in found],
        }


def report(survey: Survey, more: Sequence[Finding] = ()) -> Report:
    """Returns all findings about a survey, with `more` of them from elsewhere."""
    pairs = tuple(copies(survey))
    found = (*classes(survey), *left_out(survey), *names(survey), *content(survey), *divided_groups(survey))
    return Report(survey, (*found, *(pair.finding for pair in pairs), *more), pairs)


def sides(survey: Survey) -> dict[str, list[float]]:
    """Returns the least, the middle and the greatest width and height."""
    found = {name: sorted(one.size[axis] for one in survey.surveyed) for axis, name in enumerate(("width", "height"))}
    return {name: [all_of[0], median(all_of), all_of[-1]] for name, all_of in found.items() if all_of}


def _as_json(one: Finding) -> dict[str, Any]:
    return {"kind": one.kind, "level": one.level, "paths": [*map(printable, one.paths)], "text": printable(one.text)}


def _parts(counts: dict[str, int]) -> dict[str, int]:
    return {part or "all": count for part, count in counts.items()}
