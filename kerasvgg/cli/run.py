"""kerasvgg run"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.config.experiment import Experiment
    from kerasvgg.run import Prepared


def run(
    path: Annotated[Path, typer.Argument(help="The experiment's YAML file.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as train.0.epochs=5.")] = None,
    variant: Annotated[
        list[str] | None, typer.Option(help="Variant of the file to run, or all; may be repeated.")
    ] = None,
    runs: Annotated[Path, typer.Option(help="Where run folders go.")] = Path("runs"),
) -> None:
    """Run an experiment: from a folder of pictures to a run folder with model, curves and figures."""
    from kerasvgg.cli.names import experiment_name
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.cli.table import outcomes_table
    from kerasvgg.config.load import load_experiments

    experiments = load_experiments(path, overrides or (), variant)
    start_tensorflow()
    from kerasvgg.run import Outcome, prepare
    from kerasvgg.run import run as run_prepared

    outcomes: dict[str, Outcome] = {}
    name = experiment_name(path)
    try:
        # All are prepared before the first is trained, so that a mistake in the last costs no hours.
        ready = {chosen: _named(path, chosen, prepare, experiment) for chosen, experiment in experiments.items()}
        for chosen in list(ready):
            outcomes[chosen or name] = run_prepared(ready.pop(chosen), f"{name}/{chosen}" if chosen else name, runs)
    except KeyboardInterrupt:
        typer.echo(f"interrupted; what was finished is in {runs / name}", err=True)
        raise typer.Exit(130) from None
    outcomes_table(outcomes)


def _named(
    path: Path, variant: str, prepare: "Callable[[Experiment], Prepared]", experiment: "Experiment"
) -> "Prepared":
    """Prepares an experiment; a mistake that shows only then names the file and the variant."""
    from kerasvgg.errors import KerasVGGError

    try:
        return prepare(experiment)
    except KerasVGGError as error:
        where = f"{path} (variant `{variant}`)" if variant else f"{path}"
        raise type(error)(f"{where}: {error}") from error
