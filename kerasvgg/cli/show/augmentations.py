"""kerasvgg show augmentations"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.show.options import Dark, Output
from kerasvgg.data.augment import Augmentation, Engine

if TYPE_CHECKING:
    from kerasvgg.config.experiment import Experiment
    from kerasvgg.run_folder import RunFolder

BOTH = "both"
ENGINES: tuple[Engine, ...] = ("tfdata", "imagedatagenerator")
What = Annotated[Path, typer.Argument(help="An experiment's YAML file, or a run folder.")]
Image = Annotated[str, typer.Argument(help="A picture's file, or its path in split.csv; the first one otherwise.")]


def augmentations(
    what: What,
    image: Image = "",
    *,
    variant: Annotated[str, typer.Option(help="Variant of the file, where it has several.")] = "",
    views: Annotated[int, typer.Option(min=1, max=200, help="How many views to draw.")] = 11,
    engine: Annotated[str, typer.Option(help="tfdata, imagedatagenerator or both; the experiment's otherwise.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed than the experiment's.")] = None,
    output: Output = None,
    dark: Dark = False,
) -> None:
    """Draw what augmentation makes of a picture: what the network is really given, epoch after epoch."""
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.cli.show.output import output_path
    from kerasvgg.data.shown import shown
    from kerasvgg.run_folder import RunFolder

    output_path(output, None)
    experiment = _experiment(what, variant)
    augmentation = _augmentation(experiment, what)
    engines = _engines(engine or augmentation.engine)
    folder = RunFolder(what) if what.is_dir() else None
    file = _picture(image, folder, experiment)
    start_tensorflow()
    from kerasvgg.data.images import decode
    from kerasvgg.plots.views import draw_views
    from kerasvgg.visualise.views import views as of

    picture = decode(file, experiment.data.image_size, experiment.data.interpolation)
    seed = experiment.seed if seed is None else seed
    drawn = {str(one): of(picture, replace(augmentation, engine=one), views, seed) for one in engines}
    path = output_path(output, folder, "augmentations", file.stem)
    about = ", ".join(f"{name} {value}" for name, value in _settings(augmentation).items())
    draw_views(picture, drawn, path, title=shown(file.name), about=about, dark=dark)
    typer.echo(shown(path))


def _experiment(what: Path, variant: str) -> "Experiment":
    """Reads the one experiment that is meant. Raises ConfigError where there are several."""
    from kerasvgg.config.load import load_experiments
    from kerasvgg.errors import ConfigError
    from kerasvgg.run_folder import RunFolder

    file = RunFolder(what).experiment if what.is_dir() else what
    found = load_experiments(file, (), [variant] if variant else None)
    if len(found) > 1:
        raise ConfigError(f"`--variant` must be one of {', '.join(found)}, received none")
    return next(iter(found.values()))


def _augmentation(experiment: "Experiment", what: Path) -> Augmentation:
    from kerasvgg.errors import ConfigError

    if experiment.augment is None:
        raise ConfigError(f"`augment` must be in {what} for anything to show, received an experiment without")
    return Augmentation(**experiment.augment.model_dump())


def _settings(augmentation: Augmentation) -> dict[str, object]:
    """Returns what is not as it would be without a word."""
    plain = asdict(Augmentation())
    return {name: value for name, value in asdict(augmentation).items() if value != plain[name] and name != "engine"}


def _engines(asked: str) -> tuple[Engine, ...]:
    from kerasvgg.errors import ConfigError

    if asked == BOTH:
        return ENGINES
    for engine in ENGINES:
        if engine == asked:
            return (engine,)
    raise ConfigError(f"`--engine` must be {', '.join(ENGINES)} or {BOTH}, received {asked!r}")


def _picture(image: str, folder: "RunFolder | None", experiment: "Experiment") -> Path:
    """Returns the picture's file: the user's own, one of the run, or the first of the data set."""
    from kerasvgg.data import catalog
    from kerasvgg.data.scan import scan
    from kerasvgg.errors import ConfigError
    from kerasvgg.run_pictures import find_picture, run_pictures

    if image and Path(image).exists():
        return Path(image)
    if folder:
        return find_picture(folder, image).path if image else run_pictures(folder)[0].path
    dataset = experiment.data.dataset
    source = catalog.source(dataset) if dataset in catalog.CATALOG else Path(dataset)
    if image and not (source / image).is_file():
        raise ConfigError(f"`IMAGE` must be a picture's file, or its path in {source}, received {image!r}")
    return source / (image or scan(source).files[0].path)
