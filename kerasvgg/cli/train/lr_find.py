"""kerasvgg lr-find"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.runs.prepare import Prepared
    from kerasvgg.training.learning_rate import RateCurve


def lr_find(
    what: Annotated[Path, typer.Argument(help="The experiment's YAML file, or a shipped experiment's name.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as data.batch_size=32.")] = None,
    *,
    variant: Annotated[str | None, typer.Option(help="Variant of the file.")] = None,
    phase: Annotated[int, typer.Option(min=0, help="Which round of training, from 0; those before are trained.")] = 0,
    steps: Annotated[int, typer.Option(min=100, max=10_000, help="Batches to sweep over.")] = 300,
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
    output: Annotated[Path, typer.Option(help="PNG or SVG to write.")] = Path("lr-find.png"),
) -> None:
    """Suggest a learning rate: train with one that rises batch by batch, and look at the loss."""
    from kerasvgg.cli.names import taken_as
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.config.shipped import experiment_path
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.text import escape
    from kerasvgg.plots.figure import require_format
    from kerasvgg.plots.learning_rate import draw_sweep
    from kerasvgg.runs.jobs import one_job

    require_format(output)
    path = experiment_path(what)
    job = one_job(path, overrides or [], variant)
    if not job.experiment.train:
        raise ConfigError(f"`lr-find` must have an experiment with rounds of training in `train`; {what} has `auto`")
    if phase >= len(job.experiment.train):
        allowed = f"a number from 0 to {len(job.experiment.train) - 1}, as the experiment has so many rounds"
        raise ConfigError(f"`--phase` must be {allowed}; received {phase}")
    typer.echo(escape(taken_as(what, path)), err=True)
    start_tensorflow()
    prepared = job.prepare(force=False)
    sweep = _sweep(prepared, phase, steps)
    present, found = job.experiment.train[phase].learning_rate, sweep.suggestion
    marks = {"the experiment's": present} | ({"suggested": found} if found else {})
    title = f"{job.name}, {job.experiment.train[phase].name}"
    for line in _words(sweep, phase, present):
        typer.echo(line)
    draw_sweep(sweep.rates, sweep.losses, sweep.smooth, output, marks=marks, title=title, dark=dark)
    typer.echo(escape(output))


def _sweep(prepared: "Prepared", phase: int, steps: int) -> "RateCurve":
    from kerasvgg.training.batches import BatchSource
    from kerasvgg.training.learning_rate import lr_find as sweep

    with prepared.extractor() as extractor:
        parts = prepared.pictures("train"), prepared.pictures("validation")
        source = BatchSource(prepared.settings, *parts, extractor)
        return sweep(prepared.classifier.cut_model, prepared.settings, phase, source, steps=steps)


def _words(sweep: "RateCurve", phase: int, present: float) -> list[str]:
    end = "where it diverges" if sweep.has_diverged else "the end of the sweep"
    rest = f"the sweep came to {sweep.rates[-1]:.1e}, {end}; the experiment has {present:.1e}"
    if sweep.suggestion:
        return [f"train.{phase}.learning_rate={sweep.suggestion:.1e}: the loss has made half of its fall there", rest]
    return [
        f"in so few batches the loss does not fall at any rate; above {sweep.highest:.1e} it is higher than at first, "
        "so stay well below, or sweep over more batches with --steps",
        rest,
    ]
