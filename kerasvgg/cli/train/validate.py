"""kerasvgg validate"""

from pathlib import Path
from typing import Annotated

import typer


def validate(
    what: Annotated[Path, typer.Argument(help="The experiment's YAML file, or a shipped experiment's name.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as train.0.epochs=5.")] = None,
) -> None:
    """Check an experiment file with all its variants, and say all that is wrong at once."""
    from kerasvgg.backbones.registry import preprocessing_warning
    from kerasvgg.config.load import load_experiments
    from kerasvgg.config.shipped import experiment_path

    path = experiment_path(what)
    experiments = load_experiments(path, overrides or (), variants=("all",))
    models = [experiment.model for experiment in experiments.values()]
    warnings = [
        preprocessing_warning(one.base, one.weights, one.preprocessing, one.accept_preprocessing) for one in models
    ]
    for warning in dict.fromkeys(filter(None, warnings)):
        typer.echo(warning, err=True)
    count = f"{len(experiments)} experiment{'s' if len(experiments) > 1 else ''}"
    names = ", ".join(filter(None, experiments))
    typer.echo(f"{path}: valid ({count}{f': {names}' if names else ''})")
