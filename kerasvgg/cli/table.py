"""Tables on stdout."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from kerasvgg.run import Outcome

MOST_CLASSES = 20  # in a report that is printed; metrics.json has them all


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Prints a table whose cells are never cut, however narrow the terminal; columns in `right` align right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kerasvgg.data.shown import shown

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))  # a name's [brackets] and :colons: are its own
    wide = Console(width=10_000).measure(table).maximum
    Console(width=max(wide, 40)).print(table)


def outcomes_table(outcomes: Mapping[str, "Outcome"]) -> None:
    """Prints what one or several runs came to, and where their curves are."""
    columns = ("recipe", "test accuracy", "95 % interval", "images", "seconds", "run folder")
    rows = [
        (
            name,
            f"{outcome.metrics['accuracy']:.2%}" + _unless_test(outcome.metrics),
            " to ".join(f"{bound:.2%}" for bound in outcome.metrics["interval_95"]),
            f"{outcome.images:,}",
            f"{outcome.seconds:.0f}",
            str(outcome.folder.path),
        )
        for name, outcome in outcomes.items()
    ]
    print_table(columns, rows, right=columns[1:5])
    if len(outcomes) == 1:
        _print_classes(next(iter(outcomes.values())).metrics)
    for name, outcome in outcomes.items():
        if drawn := outcome.metrics.get("stochastic"):
            low, high = min(drawn["accuracies"]), max(drawn["accuracies"])
            text = (
                f"{drawn['passes']} passes with dropout at work: {drawn['mean_accuracy']:.2%} ({low:.2%} to {high:.2%})"
            )
            typer.echo(f"{name}: stochastic, {text}")
        typer.echo(f"curves: {outcome.folder.curves}")


def _print_classes(metrics: Mapping[str, Any]) -> None:
    reports = metrics.get("per_class", {})  # runs of older versions have none
    if 0 < len(reports) <= MOST_CLASSES:
        rows = [
            (name, *(f"{one[share]:.3f}" for share in ("precision", "recall", "f1")), f"{one['n']:,}")
            for name, one in reports.items()
        ]
        print_table(
            ("class", "precision", "recall", "f1", "pictures"), rows, right=("precision", "recall", "f1", "pictures")
        )


def _unless_test(metrics: Mapping[str, str]) -> str:
    return "" if metrics["split"] == "test" else f" ({metrics['split']}, {metrics['role']})"
