"""kerasvgg evaluate"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerasvgg.cli.names import AllowMixed, Cluster, Engine, Rehash, Threads

if TYPE_CHECKING:
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.modelfile.description import Description
    from kerasvgg.runs.evaluate import Evaluation
    from kerasvgg.runs.evaluation_set import EvaluationSet

Pictures = Annotated[
    str | None,
    typer.Argument(
        help="Class folders, or a split folder: its test part; a shard, table, list or URL. "
        "Left out: the run's own test pictures."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="New folder for the results. Left out: evaluations/N in the run, or here. "
        "Of a cluster, and of a shard, table, list or URL: one that is gone on with."
    ),
]
Classes = Annotated[
    str, typer.Option(help="For a model that kerasvgg did not write: cat,dog in the order of its probabilities.")
]
Size = Annotated[
    tuple[int, int] | None, typer.Option(metavar="HEIGHT WIDTH", help="For such a model, if it takes any size.")
]
Preprocessing = Annotated[
    str, typer.Option(help="For such a model: what it wants of RGB 0..255 (vgg, unit, half ...).")
]
LARGEST = 1e-3  # difference of a probability that another way of computing it explains


def evaluate(
    model: Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")],
    pictures: Pictures = None,
    *,
    output: Output = None,
    classes: Classes = "",
    image_size: Size = None,
    preprocessing: Preprocessing = "",
    dark: Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")] = False,
    engine: Engine = None,
    cluster: Cluster = None,
    threads: Threads = 1,
    allow_mixed: AllowMixed = False,
    rehash: Rehash = False,
) -> None:
    """Score a model on pictures of known classes, in one pass: figures, confusion matrix, worst mistakes.

    Exit status 1 if a run's own pictures give other predictions than the run wrote.
    """
    from kerasvgg.cli.names import model_file
    from kerasvgg.data.streams.records import is_stream
    from kerasvgg.files.run_folder import RunFolder

    path = model_file(model)
    run = RunFolder.open(model) if model.is_dir() else None
    said = classes, image_size, preprocessing
    if cluster is not None or rehash or (pictures and is_stream(pictures)):
        where = {"address": cluster, "threads": threads, "allow_mixed": allow_mixed, "rehash": rehash}
        _as_job(path, None if any(said) else pictures, output, where, run=run, engine=engine, dark=dark)
    else:
        _here(path, pictures, output, said, run=run, engine=engine, dark=dark)


def _here(
    path: Path,
    pictures: str | None,
    output: Path | None,
    said: tuple[str, tuple[int, int] | None, str],
    *,
    run: "RunFolder | None",
    engine: Engine,
    dark: bool,
) -> None:
    """Scores a folder's pictures or the run's own; exit status 1 where those are not predicted as the run did."""
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder, new_folder
    from kerasvgg.runs.evaluation_set import evaluation_set_of_folder, evaluation_set_of_run

    if pictures is None and run is None:
        raise ConfigError(f"`PICTURES` must be given, because `{path}` is no run with test pictures of its own")
    asked = evaluation_set_of_run(run) if run and pictures is None else None
    start_tensorflow()
    from kerasvgg.runs.evaluate import evaluate as scored

    opened, description = _opened(path, *said)
    asked = asked or evaluation_set_of_folder(Path(pictures or ""), description)
    known = _known(asked, run or RunFolder(path.parent))
    with new_folder(output, *((run.path, run.evaluations.name) if run else (Path("evaluations"), path.stem))) as target:
        found = scored(opened, description, asked, target, source=str(path), known=known, dark=dark, engine=engine)
    _tell(found)
    if run and pictures is None and run.is_finished and not _agrees(run, found):
        raise typer.Exit(1)


def _as_job(
    model: Path,
    pictures: str | None,
    output: Path | None,
    where: dict[str, Any],
    *,
    run: "RunFolder | None",
    engine: Engine,
    dark: bool,
) -> None:
    """Scores any number of pictures, here or on a cluster; exit status 1 where some could not be read this time."""
    from kerasvgg.cli.runs.predict_job import going_on, tell
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.cluster.jobs import evaluate_job
    from kerasvgg.cluster.run import Where
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder

    if pictures is None or output is None:
        raise ConfigError(
            "`PICTURES` and `--output` must be given of shards, tables, lists, stores and clusters, and --classes, "
            "--image-size and --preprocessing left out"
        )
    start_tensorflow()
    how: dict[str, Any] = {"run": run or RunFolder(model.parent), "engine": engine, "dark": dark}
    with going_on():
        done, found = evaluate_job(model, pictures, RunFolder(output), Where(**where), **how)
    if found:
        _warn(found.metrics.get("known_before"), found.metrics["n"])
        _tell(found)
    tell(done, output)


def _known(asked: "EvaluationSet", run: "RunFolder") -> dict[str, int]:
    """Returns how many of the pictures the model came about by, and warns of them."""
    from kerasvgg.runs.evaluation_set import known_before

    known = known_before(asked, run)
    _warn(known, len(asked.pictures))
    return known


def _warn(known: Mapping[str, int] | None, count: int) -> None:
    from kerasvgg.runs.evaluation_set import known_words

    if known:
        text = f"of {count:,} pictures {known_words(known)}: the figures are too good for what is new"
        typer.echo(f"warning: {text}", err=True)


def _opened(path: Path, classes: str, image_size: tuple[int, int] | None, kind: str) -> "tuple[Any, Description]":
    """Returns a model that takes RGB 0..255 with what it says of itself, or what is said of it here."""
    from kerasvgg.errors import ConfigError, ModelFileError
    from kerasvgg.modelfile.open.open import open_model

    opened = open_model(path)
    if opened.description is not None:
        if classes or image_size or kind:
            raise ConfigError(
                f"`--classes`, `--image-size` and `--preprocessing` must be left out: {path} says them itself"
            )
        return opened.model, opened.description
    if not classes:
        raise ModelFileError(
            f"`{path}` does not say its class names: kerasvgg did not write it. Say `--classes cat,dog` in the order "
            "of its probabilities, and `--preprocessing` unless it takes RGB pixels 0..255 as they are"
        )
    return _foreign(path, tuple(classes.split(",")), image_size, kind)


def _foreign(
    path: Path, names: tuple[str, ...], image_size: tuple[int, int] | None, kind: str
) -> "tuple[Any, Description]":
    from kerasvgg.cli.show.subject import check_size, open_subject
    from kerasvgg.errors import ConfigError, ModelFileError
    from kerasvgg.modelfile.description import Description

    check_size(image_size)
    subject = open_subject(path, kind)
    given = subject.model.output_shape
    if not isinstance(given, tuple) or len(given) != 2:
        raise ModelFileError(f"the model in `{path}` must give a number for each class, received {given}")
    size = subject.size or image_size
    if size is None or (image_size and image_size != size):
        wanted = "given, because the model takes any size" if size is None else f"the model's, {size[0]} {size[1]}"
        raise ConfigError(f"`--image-size` must be {wanted}; received {image_size or 'none'}")
    if len(set(names)) != len(subject.class_names) or len(names) != len(subject.class_names):
        raise ConfigError(f"`--classes` must be {len(subject.class_names)} names, received {', '.join(names)}")
    return subject.model, Description(names, size, subject.interpolation, kind, "")


def _tell(found: "Evaluation") -> None:
    from kerasvgg.cli.tables import print_figures
    from kerasvgg.evaluation.statistics import accuracy_words
    from kerasvgg.evaluation.test_access import times
    from kerasvgg.files.text import escape

    for path, why in found.left_out:
        typer.echo(escape(f"left out: {path}: {why}"), err=True)
    figures, folder = found.metrics, found.folder
    seen = f", test seen {times(found.test_seen)}" if found.test_seen else f" ({figures['split']})"
    typer.echo(f"accuracy: {accuracy_words(figures['correct'], figures['n'])}{seen}")
    print_figures(figures)
    drawn = (folder.confusion, folder.classes, folder.reliability, folder.mistakes)
    for made in (folder.predictions, folder.metrics, *drawn):
        if made.is_file():
            typer.echo(escape(made))


def _agrees(run: "RunFolder", found: "Evaluation") -> bool:
    """Prints the figures of the run beside those of now; returns whether they say the same, so far as they must."""
    from kerasvgg.cli.tables import print_table
    from kerasvgg.config.load import load_experiments
    from kerasvgg.evaluation.compare import agreement
    from kerasvgg.evaluation.metrics import metrics
    from kerasvgg.evaluation.predictions import read_predictions

    names, written = read_predictions(run.predictions)
    before = metrics(names, written, multi_label=bool(found.metrics.get("multi_label")))
    rows = [("the run", *_cells(before)), ("now", *_cells(found.metrics))]
    print_table(
        ("", "accuracy (95 % interval)", "loss", "calibration error"), rows, right=("loss", "calibration error")
    )
    same = agreement(written, found.predictions)
    agrees = same.largest <= LARGEST and not same.missing
    typer.echo(
        f"{'the same' if agrees else 'not the same'} as the run's: {same.changed:,} pictures are taken for another "
        f"class, {same.missing:,} are not in both, probabilities differ by at most {same.largest:.2g}"
    )
    experiment = load_experiments(run.experiment)[""]
    if not agrees and (experiment.stochastic_passes or experiment.feature_dtype != "float32"):
        typer.echo("the run scored with dropout at work or with rounded features: they need not be the same")
        return True
    return agrees


def _cells(figures: Mapping[str, Any]) -> tuple[str, str, str]:
    from kerasvgg.evaluation.statistics import accuracy_words

    words = accuracy_words(figures["correct"], figures["n"])
    return words, f"{figures['loss']:.4f}", f"{100 * figures['calibration']['ece']:.1f} %"
