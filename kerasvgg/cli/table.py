"""Tables on stdout."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from kerasvgg.run import Outcome


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
    from kerasvgg.cli.figures import print_figures
    from kerasvgg.evaluation.accuracy_words import accuracy_words

    columns = ("recipe", "test accuracy (95 % interval)", "test seen", "images", "seconds", "run folder")
    print_table(columns, (_row(name, outcome) for name, outcome in outcomes.items()), right=columns[2:5])
    if len(outcomes) == 1:
        print_figures(next(iter(outcomes.values())).metrics)
    for name, outcome in outcomes.items():
        if held_out := _validation(outcome.metrics):
            typer.echo(f"{name}: {held_out}")
        if drawn := outcome.metrics.get("stochastic"):
            n, low, high = outcome.metrics["n"], min(drawn["accuracies"]), max(drawn["accuracies"])
            text = f"{drawn['passes']} passes with dropout at work, the worst and the best of them"
            typer.echo(f"{name}: {text}: {', '.join(accuracy_words(round(one * n), n) for one in (low, high))}")
        typer.echo(f"curves: {outcome.folder.curves}")


def _row(name: str, outcome: "Outcome") -> tuple[str, ...]:
    from kerasvgg.evaluation.accuracy_words import accuracy_words
    from kerasvgg.looks import times

    figures = outcome.metrics
    return (
        name,
        accuracy_words(figures["correct"], figures["n"]) + _unless_test(figures),
        times(outcome.test_seen) if outcome.test_seen else "",
        f"{outcome.images:,}",
        f"{outcome.seconds:.0f}",
        str(outcome.folder.path),
    )


def _validation(metrics: Mapping[str, Any]) -> str:
    """Returns what validation came to beside a test split, "" where it is the split that was scored."""
    from kerasvgg.evaluation.accuracy_words import accuracy_words

    held_out = metrics.get("validation")  # runs of older versions have none
    if not held_out or metrics["split"] != "test":
        return ""
    return f"validation {accuracy_words(held_out['correct'], held_out['n'])}, epoch {held_out['epoch']}"


def _unless_test(metrics: Mapping[str, str]) -> str:
    return "" if metrics["split"] == "test" else f" ({metrics['split']}, {metrics['role']})"
