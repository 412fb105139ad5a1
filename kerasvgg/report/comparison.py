"""Several runs on the same pictures, as one page."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kerasvgg.evaluation.aligned import AlignedPredictions
from kerasvgg.evaluation.compare import Pair
from kerasvgg.evaluation.test_access import times
from kerasvgg.report.charts import interval_chart
from kerasvgg.report.curves import several_curves
from kerasvgg.report.page import render

LOOKS = 8  # lines that can be told apart


class Difference(NamedTuple):
    """A picture on which runs differ: `said` has a run's name, what it says and how probable it takes that.

    `picture` is a data address, "" where there is none any more.
    """

    path: str
    true: str
    said: Sequence[tuple[str, str, float]]
    picture: str


class Shown(NamedTuple):
    """What is shown of several runs beside their figures: histories by name, and pictures on which they differ."""

    histories: Mapping[str, Sequence[Mapping[str, Any]]]
    differences: Sequence[Difference]
    differing: int


def comparison_page(names: Sequence[str], runs: Sequence[AlignedPredictions], *others: Any) -> str:
    """Returns the comparison as HTML; for the `others` see `comparison_facts`."""
    return render("comparison.html", **comparison_facts(names, runs, *others))


def comparison_facts(
    names: Sequence[str],
    runs: Sequence[AlignedPredictions],
    pairs: Sequence[Pair],
    shown: Shown,
) -> dict[str, Any]:
    """Returns what the template `comparison.html` needs."""
    figures = [run.figures for run in runs]
    bounds = [
        (name, one["interval_95"][0], one["accuracy"], one["interval_95"][1], f"s{place % LOOKS + 1}")
        for place, (name, one) in enumerate(zip(names, figures, strict=True))
    ]
    return {
        "names": names,
        "n": figures[0]["n"],
        "warnings": [_known(name, run) for name, run in zip(names, runs, strict=True) if run.known],
        "intervals": interval_chart(bounds, "accuracies with their intervals"),
        "rows": [_row(*one) for one in zip(names, runs, figures, strict=True)],
        "pairs": [_pair(names, pair) for pair in pairs],
        "curves": several_curves(dict(list(shown.histories.items())[:LOOKS])),
        "trained": list(shown.histories)[:LOOKS],
        "differences": shown.differences,
        "differing": shown.differing,
    }


def _row(name: str, run: AlignedPredictions, figures: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "accuracy": figures["accuracy"],
        "interval": figures["interval_95"],
        "loss": figures["loss"],
        "error": figures["calibration"]["ece"],
        "seen": times(run.test_seen) if run.test_seen else "",
    }


def _pair(names: Sequence[str], pair: Pair) -> dict[str, Any]:
    better = "" if pair.better is None else names[pair.better]
    first, second = names[pair.first], names[pair.second]
    return {"first": first, "second": second, "b": pair.b, "c": pair.c, "p": pair.corrected, "better": better}


def _known(name: str, run: AlignedPredictions) -> str:
    count = sum(run.known.values())
    return f"{count:,} of the pictures that {name} scored were known to it before: being better here is no evidence."
