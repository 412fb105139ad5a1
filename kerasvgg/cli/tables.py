"""Tables and figures of runs on the terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from kerasvgg.runs.run import Outcome


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[str] = ()) -> None:
    """Prints a table whose cells are never cut, however narrow the terminal; columns in `right` align right."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from kerasvgg.files.text import escape

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(escape(cell)) for cell in row))  # a name's [brackets] and :colons: are its own
    wide = Console(width=10_000).measure(table).maximum
    Console(width=max(wide, 40)).print(table)


def outcomes_table(outcomes: Mapping[str, "Outcome"]) -> None:
    """Prints what one or several runs came to, and where their curves are."""
    from kerasvgg.evaluation.statistics import accuracy_words

    is_tested = any(outcome.metrics["split"] == "test" for outcome in outcomes.values())
    what = "test accuracy" if is_tested else "accuracy"
    columns = ("recipe", f"{what} (95 % interval)", "test seen", "images", "seconds", "run folder")
    print_table(columns, (_row(name, outcome) for name, outcome in outcomes.items()), right=columns[2:5])
    if len(outcomes) == 1:
        print_figures(next(iter(outcomes.values())).metrics)
    for name, outcome in outcomes.items():
        if held_out := _validation(outcome.metrics):
            typer.echo(f"{name}: {held_out}")
        if among := outcome.metrics.get("selected"):
            typer.echo(f"{name}: {selected_words(among)}")
        if drawn := outcome.metrics.get("stochastic"):
            n, low, high = outcome.metrics["n"], min(drawn["accuracies"]), max(drawn["accuracies"])
            text = f"{drawn['passes']} passes with dropout at work, the worst and the best of them"
            typer.echo(f"{name}: {text}: {', '.join(accuracy_words(round(one * n), n) for one in (low, high))}")
        if compared := outcome.metrics.get("compared_with"):
            typer.echo(f"{name}: {compared_words(compared)}")
        made = {"curves": outcome.folder.curves, "tried": outcome.folder.choices, "figures": outcome.folder.metrics}
        about, path = next((about, path) for about, path in made.items() if path.is_file())
        typer.echo(f"{about}: {path}")
        if outcome.folder.report.is_file():
            typer.echo(f"page: {outcome.folder.report}")


def print_next_steps(outcome: "Outcome") -> None:
    """Prints the worst mistakes of a run, and the commands to go on with."""
    from shlex import quote

    from kerasvgg.evaluation.mistakes import worst_mistakes
    from kerasvgg.evaluation.predictions import NO_CLASS, read_predictions
    from kerasvgg.files.text import escape

    names, predictions = read_predictions(outcome.folder.predictions)
    multi_label = bool(outcome.metrics.get("multi_label"))
    for one in worst_mistakes(predictions, MOST_MISTAKES, names if multi_label else None):
        share = "" if multi_label else f" {max(one.probabilities):.1%}"
        true, predicted = one.true or NO_CLASS, one.predicted or NO_CLASS
        typer.echo(escape(f"mistake: {one.path} is {true}, taken for {predicted}{share}"))
    run = quote(str(outcome.folder.path))
    typer.echo("next:")
    typer.echo(f"  kerasvgg predict {run} PICTURES        what is on other pictures")
    typer.echo(f"  kerasvgg show heatmap {run}            where it looks")
    typer.echo(f"  kerasvgg evaluate {run} PICTURES       how good it is on others, in class folders")


def print_pooled(outcomes: Mapping[str, "Outcome"]) -> None:
    """Prints the mean of each experiment's seeds, and the interval of all their pictures together."""
    from itertools import groupby

    from kerasvgg.evaluation.statistics import pooled_words

    for label, some in groupby(outcomes.items(), key=lambda pair: pair[0].rpartition(", seed ")[0]):
        metrics = [outcome.metrics for _, outcome in some]
        typer.echo(
            f"{label}: {pooled_words([(one['correct'], one['n']) for one in metrics])}{_unless_test(metrics[0])}"
        )


def _row(name: str, outcome: "Outcome") -> tuple[str, ...]:
    from kerasvgg.evaluation.statistics import accuracy_words
    from kerasvgg.evaluation.test_access import times

    figures = outcome.metrics
    return (
        name,
        accuracy_words(figures["correct"], figures["n"], figures.get("independent")) + _unless_test(figures),
        times(outcome.test_seen) if outcome.test_seen else "",
        f"{outcome.images:,}",
        f"{outcome.seconds:.0f}",
        str(outcome.folder.path),
    )


def _validation(metrics: Mapping[str, Any]) -> str:
    """Returns what validation came to beside a test split, "" where it is the split that was scored."""
    from kerasvgg.evaluation.statistics import accuracy_words

    held_out = metrics.get("validation")  # runs of older versions have none
    if not held_out or metrics["split"] != "test":
        return ""
    words = accuracy_words(held_out["correct"], held_out["n"], held_out.get("independent"))
    if "folds" in held_out:
        return f"held out in turn, {held_out['folds']} folds: {words}, chosen by the loss of these"
    return f"validation {words}, epoch {held_out['epoch']}"


def selected_words(about: Mapping[str, Any]) -> str:
    """Says what a choice of settings means for the figures."""
    return (
        f"settings of trial {about['trial']}, the best of {about['trials']} by {about['by']}: what validation says of "
        "it is too good by the choice; the test split was no part of that"
    )


def _unless_test(metrics: Mapping[str, str]) -> str:
    return "" if metrics["split"] == "test" else f" ({metrics['split']}, {metrics['role']})"


def compared_words(about: Mapping[str, Any]) -> str:
    """Returns what became of the pictures that an earlier run had scored."""
    from kerasvgg.files.text import escape

    before, now = (f"{100 * about[name]:.1f} %" for name in ("accuracy_before", "accuracy"))
    words = f"of {about['n']:,} pictures that {about['run']} scored too, {before} right before and {now} now"
    words += f" (McNemar's p {about['p']:.2g}): {about['became_wrong']:,} became wrong, {about['became_right']:,} right"
    if new := about["new_classes"]:
        words += f"; {about['taken_for_new_classes']:,} taken for what is new: {', '.join(new)}"
    return escape(words)


MOST_CLASSES = 20  # in a report that is printed; metrics.json has them all
MOST_CONFUSED = 3
MOST_MISTAKES = 5


def print_figures(metrics: Mapping[str, Any]) -> None:
    """Prints the report of each class, the most confused pairs, and the calibration, so far as they are there.

    Of several classes for a picture, it is their mean average precision and F1 instead of the confused.
    """
    from kerasvgg.evaluation.test_access import times
    from kerasvgg.files.text import escape

    _print_classes(metrics.get("per_class", {}))  # runs of older versions have none
    if metrics.get("multi_label"):
        typer.echo(multi_label_words(metrics))
    for one in metrics.get("most_confused", ())[:MOST_CONFUSED]:
        words = f"{one['true']} taken for {one['predicted']} {times(one['count'])} ({100 * one['share']:.1f} %)"
        typer.echo(escape(f"confused: {words}"))
    if about := metrics.get("calibration"):
        typer.echo(f"calibration: {calibration_words(about)}")


def multi_label_words(metrics: Mapping[str, Any]) -> str:
    """Returns what predictions with several classes a picture come to on the whole."""
    precision, micro, macro = (metrics[name] for name in ("mean_average_precision", "f1_micro", "f1_macro"))
    mean = "none" if precision is None else f"{precision:.3f}"
    counted = "accuracy counts pictures all of whose classes are right"
    return f"mean average precision {mean}, F1 {micro:.3f} (micro), {macro:.3f} (macro); {counted}"


def calibration_words(about: Mapping[str, Any]) -> str:
    """Returns how far the probabilities are from how often the model is right, before and after the temperature."""
    before, after = (f"{100 * about[name]:.1f} %" for name in ("ece", "ece_calibrated"))
    if about["temperature"] == 1:
        words = f"expected error {before}, no temperature"
    else:
        words = f"expected error {before}, {after} with temperature {about['temperature']:.3g}"
    if "overconfidence" not in about:  # older versions had none
        return words
    gap, low, high = (f"{100 * one:+.1f}" for one in (about["overconfidence"], *about["overconfidence_interval_95"]))
    words += f"; up to {100 * about['ece_by_chance_95']:.1f} % is chance"
    return f"{words}; confidence minus accuracy {gap} points ({low} to {high})"


def _print_classes(reports: Mapping[str, Any]) -> None:
    if 0 < len(reports) <= MOST_CLASSES:
        ranked = ["average precision"] if any("average_precision" in one for one in reports.values()) else []
        columns = ("class", *ranked, "precision", "recall (95 % interval)", "f1", "pictures")
        print_table(columns, (_class_row(name, one) for name, one in reports.items()), right=columns[1:])


def _class_row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    precision, recall, f1 = (f"{one[share]:.3f}" for share in ("precision", "recall", "f1"))
    if interval := one.get("recall_interval_95"):  # older versions had none
        recall += f" ({interval[0]:.3f} to {interval[1]:.3f})"
    row = precision, recall, f1, f"{one['n']:,}"
    if "average_precision" not in one:
        return name, *row
    return name, "" if one["average_precision"] is None else f"{one['average_precision']:.3f}", *row
