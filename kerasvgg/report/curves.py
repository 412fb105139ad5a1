"""A run's or several runs' learning curves as charts."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from kerasvgg.evaluation.epochs import Keep, kept_epoch
from kerasvgg.plots.curves import smooth
from kerasvgg.report.charts import Line, line_chart

QUANTITIES = ("accuracy", "loss")
PARTS = {"": "training", "val_": "validation"}
FEWEST = 50  # epochs that are smoothed: a moving average lags by several, which a short training would not bear
MOST = 2_000  # points of a line
Rows = Sequence[Mapping[str, Any]]


def run_curves(rows: Rows, known: int | None = None, keep: Keep = "best") -> dict[str, Markup]:
    """Returns accuracy and loss over the epochs, both of training and of validation; {} without an epoch.

    The ring is around the epoch that is `known` to have been kept, or around that which `keep` asks for.

    Short trainings are drawn as they were; from 50 epochs on lines are smoothed as in the chapter, and dots are raw.
    """
    if not rows:
        return {}
    kept, count = known or kept_epoch(rows, keep)["epoch"], len(rows)
    rows = [row for place, row in enumerate(rows) if place % -(-count // MOST) == 0 or row["epoch"] == kept]
    return {
        quantity: line_chart(
            [line for place, prefix in enumerate(PARTS) for line in _lines(rows, quantity, prefix, place, kept)],
            f"{quantity} of training and validation over {count:,} epochs",
            "epoch",
            percent=quantity == "accuracy",
            marks=_phases(rows),
        )
        for quantity in QUANTITIES
    }


def _lines(rows: Rows, quantity: str, prefix: str, place: int, kept: int) -> list[Line]:
    points = [(float(row["epoch"]), float(row[prefix + quantity])) for row in rows]
    name, look, ring = PARTS[prefix], f"s{place + 1}", float(kept) if prefix else None
    if len(points) < FEWEST:
        return [Line(name, points, look, ring), Line(name, points, look, dots=True)]
    means = smooth([y for _, y in points])
    drawn = list(zip([x for x, _ in points], means, strict=True))
    return [Line(name, points, f"{look} faint", ring, dots=True), Line(f"{name}, smoothed", drawn, look)]


def several_curves(histories: Mapping[str, Rows]) -> dict[str, Markup]:
    """Returns validation's accuracy and loss of each named run over its epochs."""
    known = {name: rows for name, rows in histories.items() if rows}
    return {
        quantity: line_chart(
            [
                line
                for place, (name, rows) in enumerate(known.items())
                for line in _of_one(name, rows, quantity, f"s{place + 1}")
            ],
            f"validation {quantity} of {len(known)} runs",
            "epoch",
            percent=quantity == "accuracy",
            marks={},
        )
        for quantity in QUANTITIES
        if known
    }


def _of_one(name: str, rows: Rows, quantity: str, look: str) -> list[Line]:
    step = -(-len(rows) // MOST)
    points = [(float(row["epoch"]), float(row[f"val_{quantity}"])) for row in rows[::step]]
    return [Line(name, points, look), *([Line(name, points, look, dots=True)] if len(points) == 1 else [])]


def _phases(rows: Rows) -> dict[float, str]:
    begins = [(next(group)["epoch"], phase) for phase, group in groupby(rows, lambda row: row["phase"])]
    return {epoch - 0.5: phase for epoch, phase in begins} if len(begins) > 1 else {}
