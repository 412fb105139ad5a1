"""What figures say of the classes and of calibration, on stdout."""

from collections.abc import Mapping
from typing import Any

import typer

MOST_CLASSES = 20  # in a report that is printed; metrics.json has them all
MOST_CONFUSED = 3


def print_figures(metrics: Mapping[str, Any]) -> None:
    """Prints the report of each class, the most confused pairs, and the calibration, so far as they are there."""
    from kerasvgg.data.shown import shown
    from kerasvgg.looks import times

    _print_classes(metrics.get("per_class", {}))  # runs of older versions have none
    for one in metrics.get("most_confused", ())[:MOST_CONFUSED]:
        words = f"{one['true']} taken for {one['predicted']} {times(one['count'])} ({100 * one['share']:.1f} %)"
        typer.echo(shown(f"confused: {words}"))
    if about := metrics.get("calibration"):
        typer.echo(f"calibration: {calibration_words(about)}")


def calibration_words(about: Mapping[str, float]) -> str:
    """Returns how far the probabilities are from how often the model is right, before and after the temperature."""
    before, after = (f"{100 * about[name]:.1f} %" for name in ("ece", "ece_calibrated"))
    if about["temperature"] == 1:
        return f"expected error {before}, no temperature"
    return f"expected error {before}, {after} with temperature {about['temperature']:.3g}"


def _print_classes(reports: Mapping[str, Any]) -> None:
    from kerasvgg.cli.table import print_table

    if 0 < len(reports) <= MOST_CLASSES:
        columns = ("class", "precision", "recall (95 % interval)", "f1", "pictures")
        print_table(columns, (_row(name, one) for name, one in reports.items()), right=columns[1:])


def _row(name: str, one: Mapping[str, Any]) -> tuple[str, ...]:
    precision, recall, f1 = (f"{one[share]:.3f}" for share in ("precision", "recall", "f1"))
    if interval := one.get("recall_interval_95"):  # older versions had none
        recall += f" ({interval[0]:.3f} to {interval[1]:.3f})"
    return name, precision, recall, f1, f"{one['n']:,}"
