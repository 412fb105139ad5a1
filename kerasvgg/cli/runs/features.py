"""kerasvgg features: what an experiment's frozen layers make of any number of pictures."""

from pathlib import Path
from typing import Annotated

import typer

from kerasvgg.cli.names import AllowMixed, Cluster, Engine, Rehash, Threads
from kerasvgg.cli.runs.predict import SOURCES

Output = Annotated[
    Path | None, typer.Option(help="A folder for the shards. Left out: where the experiment's runs look for them.")
]


def features(
    what: Annotated[Path, typer.Argument(help="The experiment's YAML file, a shipped one's name, or a run folder.")],
    pictures: Annotated[str, typer.Argument(help=SOURCES)],
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings, as data.image_size=[64,64].")] = None,
    *,
    variant: Annotated[str | None, typer.Option(help="Variant of the file.")] = None,
    output: Output = None,
    engine: Engine = None,
    cluster: Cluster = None,
    threads: Threads = 1,
    allow_mixed: AllowMixed = False,
    rehash: Rehash = False,
) -> None:
    """Compute what an experiment's frozen layers make of any number of pictures, into Parquet files."""
    from kerasvgg.cli.runs.predict_job import going_on, tell
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.cluster.jobs import feature_job
    from kerasvgg.cluster.run import Where
    from kerasvgg.config.load import load_experiments
    from kerasvgg.config.shipped import experiment_path
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder

    path = experiment_path(what)
    given = RunFolder(path).experiment if path.is_dir() else path
    experiments = load_experiments(given, overrides or (), [variant] if variant else None)
    if len(experiments) > 1:
        raise ConfigError(f"`--variant` must name one of {', '.join(experiments)}, received none")
    (experiment,) = experiments.values()
    start_tensorflow()
    where = Where(cluster, threads, allow_mixed, rehash)
    with going_on():
        done, folder = feature_job(experiment, pictures, output, where, engine=engine)
    tell(done, folder)
