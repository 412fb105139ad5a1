"""kerasvgg validate"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.config.data import Data


def validate(
    what: Annotated[Path, typer.Argument(help="The experiment's YAML file, or a shipped experiment's name.")],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as train.0.epochs=5.")] = None,
) -> None:
    """Check an experiment file with all its variants, and say all that is wrong at once.

    Pictures that are not here are told, too: the file may be meant for another machine.
    """
    from kerasvgg.backbones.registry import preprocessing_warning
    from kerasvgg.config.load import load_experiments
    from kerasvgg.config.shipped import experiment_path

    path = experiment_path(what)
    experiments = load_experiments(path, overrides or (), variants=("all",))
    models = [experiment.model for experiment in experiments.values()]
    warnings = [
        preprocessing_warning(one.base, one.weights, one.preprocessing, one.accept_preprocessing) for one in models
    ]
    absent = [line for experiment in experiments.values() for line in _absent(experiment.data)]
    for warning in dict.fromkeys(filter(None, (*warnings, *absent))):
        typer.echo(warning, err=True)
    count = f"{len(experiments)} experiment{'s' if len(experiments) > 1 else ''}"
    names = ", ".join(filter(None, experiments))
    typer.echo(f"{path}: valid ({count}{f': {names}' if names else ''})")


def _absent(data: "Data") -> list[str]:
    """Returns what of the data set's files is not here; sets of the catalog are fetched when they are needed."""
    from kerasvgg.data.catalog.catalog import CATALOG
    from kerasvgg.errors import did_you_mean

    named = {f"dataset.{part}": path for part, path in data.folders.items()} or {"dataset": str(data.dataset)}
    named |= {"labels": data.labels or "", "parts_of": data.parts_of or ""}
    return [
        f"warning: `data.{key}` {path!r} is not here{did_you_mean(path, CATALOG) if key == 'dataset' else ''}"
        for key, path in named.items()
        if path and not Path(path).exists() and not (key == "dataset" and path in CATALOG)
    ]
