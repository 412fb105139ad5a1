"""kerasvgg show augmentations"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.cli.show.output import Dark, Output
from kerasvgg.data.augmentation.augment import Augmentation, Engine

if TYPE_CHECKING:
    from kerasvgg.config.experiment import Experiment

BOTH = "both"
VIEWS, MOST_VIEWS = 11, 200
ENGINES: tuple[Engine, ...] = ("tfdata", "imagedatagenerator")
What = Annotated[Path, typer.Argument(help="An experiment's YAML file, a shipped experiment's name, or a run folder.")]
Image = Annotated[
    str, typer.Argument(help="A picture's file, or its path in split.csv; the first that is trained on otherwise.")
]
Views = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_VIEWS, help="How many views; all of a fixed number, 11 of fresh ones otherwise."),
]


def augmentations(
    what: What,
    image: Image = "",
    *,
    variant: Annotated[str, typer.Option(help="Variant of the file, where it has several.")] = "",
    views: Views = None,
    engine: Annotated[str, typer.Option(help="tfdata, imagedatagenerator or both; the experiment's otherwise.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed than the experiment's.")] = None,
    output: Output = None,
    dark: Dark = False,
) -> None:
    """Draw what augmentation makes of a picture: what the network is really given, epoch after epoch."""
    from kerasvgg.cli.show.output import Target, word_of
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.config.shipped import experiment_path
    from kerasvgg.files.text import escape

    target = Target(output, what)
    what = experiment_path(what)
    experiment = _experiment(what, variant)
    augmentation = _augmentation(experiment, what)
    engines, count = _engines(engine or augmentation.engine, experiment.data.fit), _count(experiment, views)
    file = _picture(image, what, experiment)
    named = {"variant": variant, "views": views, "engine": engine, "seed": seed, "dark": dark}
    path = target.path("augmentations", word_of(file), **named)
    start_tensorflow()
    from kerasvgg.data.augmentation.views import content_number
    from kerasvgg.data.augmentation.views import views as of
    from kerasvgg.data.pictures.decode import decode
    from kerasvgg.files.hashing import content_hash
    from kerasvgg.plots.tiles import draw_views

    picture = decode(file, *experiment.data.resizing)
    seed = experiment.seed if seed is None else seed
    content = None if isinstance(experiment.augment_copies, str) else content_number(content_hash(file))
    ways = {str(one): augmentation.model_copy(update={"engine": one}) for one in engines}
    drawn = {name: of(picture, way, count, seed, content) for name, way in ways.items()}
    about = ", ".join(f"{name} {value}" for name, value in _settings(augmentation).items())
    draw_views(picture, drawn, path, title=escape(file.name), about=about, dark=dark)
    typer.echo(escape(path))


def _experiment(what: Path, variant: str) -> "Experiment":
    """Reads the one experiment that is meant. Raises ConfigError where there are several."""
    from kerasvgg.config.load import load_experiments
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder

    file = RunFolder(what).experiment if what.is_dir() else what
    found = load_experiments(file, (), [variant] if variant else None)
    if len(found) > 1:
        raise ConfigError(f"`--variant` must be one of {', '.join(found)}, received none")
    return next(iter(found.values()))


def _augmentation(experiment: "Experiment", what: Path) -> Augmentation:
    from kerasvgg.errors import ConfigError

    if experiment.augment is None:
        raise ConfigError(f"`augment` must be in {what} for anything to show, received an experiment without")
    return experiment.augment


def _settings(augmentation: Augmentation) -> dict[str, object]:
    """Returns what is not as it would be without a word."""
    plain = Augmentation().model_dump()
    return {
        name: value for name, value in augmentation.model_dump().items() if value != plain[name] and name != "engine"
    }


def _count(experiment: "Experiment", asked: int | None) -> int:
    """Returns how many views to draw: no more than training has of each picture."""
    from kerasvgg.errors import ConfigError

    copies = experiment.augment_copies
    if isinstance(copies, str):
        return asked or VIEWS
    if asked and asked > copies:
        raise ConfigError(f"`--views` must be at most {copies}, the experiment's `augment_copies`, received {asked}")
    return asked or min(copies, MOST_VIEWS)


def _engines(asked: str, fit: str) -> tuple[Engine, ...]:
    from kerasvgg.errors import ConfigError

    if fit != "squeeze" and asked in ("imagedatagenerator", BOTH):
        raise ConfigError(f"`--engine` must be tfdata with `data.fit: {fit}`, received {asked!r}")
    if asked == BOTH:
        return ENGINES
    for engine in ENGINES:
        if engine == asked:
            return (engine,)
    raise ConfigError(f"`--engine` must be {', '.join(ENGINES)} or {BOTH}, received {asked!r}")


def _picture(image: str, what: Path, experiment: "Experiment") -> Path:
    """Returns the picture's file: the user's own, one of the run, or the first that is trained on or there at all."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.runs.pictures import experiment_source, find_picture, training_pictures

    if image and Path(image).exists():
        return Path(image)
    if what.is_dir():
        folder = RunFolder(what)
        return find_picture(folder, image).path if image else training_pictures(folder)[0].path
    source = experiment_source(experiment.data)
    if image and not (source.root / image).is_file():
        raise ConfigError(f"`IMAGE` must be a picture's file, or its path in {source.root}, received {image!r}")
    return source.root / (image or source.files[0].path)
