"""kerasvgg learning-curve"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.train.folder import Labels, Quick

if TYPE_CHECKING:
    from kerasvgg.evaluation.power_law import LearningCurve


def learning_curve(
    what: Annotated[Path, typer.Argument(help="A folder of pictures, or an experiment with `auto`.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as data.fit=crop.")] = None,
    *,
    variant: Annotated[str | None, typer.Option(help="Variant of the file.")] = None,
    labels: Labels = None,
    quick: Quick = False,
    runs: Annotated[Path, typer.Option(help="Where a folder's experiment is written.")] = Path("runs"),
    output: Annotated[Path, typer.Option(help="PNG or SVG to write.")] = Path("learning-curve.png"),
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
) -> None:
    """Say what more pictures would bring: accuracy over the number of pictures, from features that are kept."""
    from kerasvgg.cli.names import taken_as
    from kerasvgg.cli.tables import print_table
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.config.shipped import experiment_path
    from kerasvgg.files.text import escape
    from kerasvgg.plots.figure import require_format
    from kerasvgg.plots.learning_curve import draw_learning_curve
    from kerasvgg.runs.auto import accuracy_over_pictures
    from kerasvgg.runs.decisions import Decisions
    from kerasvgg.runs.folder import experiment_for
    from kerasvgg.runs.jobs import one_job
    from kerasvgg.runs.proportions import with_chosen_fit

    require_format(output)
    with experiment_for(experiment_path(what), runs, labels=labels, quick=quick) as path:
        job = one_job(path, overrides or [], variant, runs)
        typer.echo(escape(taken_as(what, path)), err=True)
        start_tensorflow()
        prepared, _ = with_chosen_fit(job.prepare(force=False), Decisions(None))
        curve, best = accuracy_over_pictures(prepared)
    print_table(("pictures per class", "accuracy (95 % interval)"), _rows(curve))
    if curve.doubt:
        typer.echo(f"what more would bring can't be said: {curve.doubt}")
    draw_learning_curve(curve, output, title=job.name, subtitle=best, dark=dark)
    typer.echo(escape(output))


def _rows(curve: "LearningCurve") -> Iterator[tuple[str, str]]:
    from kerasvgg.evaluation.statistics import Z95

    for one in curve.points:
        reach = Z95 * one.error
        yield f"{one.per_class:.0f}", _words(one.accuracy, one.accuracy - reach, one.accuracy + reach)
    for forecast in curve.forecasts:
        said = "all there are" if forecast.times == 1 else f"{forecast.times} times as many"
        words = _words(forecast.accuracy, forecast.low, forecast.high)
        yield f"{forecast.per_class:.0f} ({said}, foreseen)", words


def _words(accuracy: float, low: float, high: float) -> str:
    return f"{accuracy:.1%} ({max(low, 0):.1%} to {min(high, 1):.1%})"
