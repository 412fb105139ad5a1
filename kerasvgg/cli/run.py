"""kerasvgg run"""

from pathlib import Path
from typing import Annotated

import typer


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
    from kerasvgg.run import Outcome, run_experiment

    outcomes: dict[str, Outcome] = {}
    name = experiment_name(path)
    try:
        for chosen, experiment in experiments.items():
            outcomes[chosen or name] = run_experiment(experiment, f"{name}/{chosen}" if chosen else name, runs)
    except KeyboardInterrupt:
        typer.echo(f"interrupted; what was finished is in {runs / name}", err=True)
        raise typer.Exit(130) from None
    outcomes_table(outcomes)
