"""kerasvgg predict"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kerasvgg.cli.names import AllowMixed, Cluster, Engine, Rehash, Threads

if TYPE_CHECKING:
    from kerasvgg.data.streams.records import Record
    from kerasvgg.evaluation.predictions import Prediction
    from kerasvgg.modelfile.description import Description

Write = Callable[[tuple[str, ...], Iterator["Prediction"], "_How"], Iterator[str]]
UNSURE, UNKNOWN = "unsure", "unknown"
SOURCES = "A picture, a folder, a tar shard, a Parquet table, a CSV list of paths, or the URL of one, as s3://..."
Unsure = Annotated[
    float | None, typer.Option(min=0, max=1, help="Say unsure below this probability, calibrated on validation.")
]


def predict(
    model: Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")],
    pictures: Annotated[str, typer.Argument(help=SOURCES)],
    *,
    top: Annotated[int, typer.Option(min=1, help="How many classes to show.")] = 5,
    csv: Annotated[bool, typer.Option("--csv", help="One line per picture, all probabilities.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and picture.")] = False,
    unsure: Unsure = None,
    unknown: Annotated[
        bool, typer.Option("--unknown", help="Say unknown of what is like none of the classes.")
    ] = False,
    engine: Engine = None,
    output: Annotated[
        Path | None, typer.Option(help="A folder for tables of any number of pictures; goes on with what is there.")
    ] = None,
    cluster: Cluster = None,
    threads: Threads = 1,
    allow_mixed: AllowMixed = False,
    rehash: Rehash = False,
) -> None:
    """Say what is on pictures, with the class names and settings that travel in the model file."""
    from kerasvgg.cli.runs.predict_job import predict_to_folder
    from kerasvgg.errors import ConfigError

    if csv and as_json:
        raise ConfigError("`--csv` and `--json` exclude each other, received both")
    if output is None and cluster is None and not rehash:
        write = _as_csv if csv else _as_json if as_json else _as_text
        _tell(model, pictures, engine, write, _How(top, unsure, unknown))
        return
    if output is None or csv or as_json or unsure is not None:
        received = "none" if output is None else "it with another form"
        raise ConfigError(f"`--output` must name a folder, without --csv, --json and --unsure, received {received}")
    where = {"address": cluster, "threads": threads, "allow_mixed": allow_mixed, "rehash": rehash}
    predict_to_folder(model, pictures, output, where, engine=engine, unknown=unknown)


def _tell(model: Path, pictures: str, engine: Engine, write: Write, how: "_How") -> None:
    from kerasvgg.errors import DataError
    from kerasvgg.files.text import escape
    from kerasvgg.runs.predict import predict as predictions

    asked = _Asked.of(pictures)
    opened, description = _opened(model, engine, asked.count)
    names, how = description.class_names, replace(how, multi_label=description.multi_label)
    _require_free(names, how)
    refused: list[tuple[str, str]] | None = [] if asked.holds_many else None
    given = ((one, "") for one in asked.pictures(names))
    found = asked.counted(predictions(opened, description, given, refused, unknown=how.unknown, engine=engine))
    for line in write(names, _calibrated(found, description) if how.unsure is not None else found, how):
        typer.echo(line)
    for line in (*(f"{path}: {reason}" for path, reason in asked.left_out), *(reason for _, reason in refused or ())):
        typer.echo(escape(f"left out: {line}"), err=True)
    if not asked.predicted:
        raise DataError(f"`{escape(pictures)}` must hold at least one picture, received none")
    _learn(model, opened, description, asked.paths)


@dataclass
class _Asked:
    """The pictures that are asked for: files of a folder in natural order, or a stream of unknown length."""

    source: str
    paths: list[Path]
    left_out: list[tuple[str, str]]
    is_stream: bool
    predicted: int = 0

    @classmethod
    def of(cls, source: str) -> "_Asked":
        """Finds them. Raises DataError where nothing is there."""
        from kerasvgg.data.folder.scan import pictures_below
        from kerasvgg.data.streams.records import is_stream
        from kerasvgg.errors import DataError
        from kerasvgg.files.text import escape

        place = Path(source)
        if is_stream(source):
            return cls(source, [], [], is_stream=True)
        if place.is_dir():
            paths, left_out = pictures_below(place)
            return cls(source, paths, [(str(path), reason) for path, reason in left_out], is_stream=False)
        if not place.exists() and not place.is_symlink():
            raise DataError(f"`{escape(source)}` must be a picture or a folder of pictures, received nothing there")
        return cls(source, [place], [], is_stream=False)

    @property
    def count(self) -> int:
        """How many there are; of a stream, so many that it is worth measuring what computes them."""
        from kerasvgg.engines.choice import MEASURE_FROM

        return MEASURE_FROM if self.is_stream else len(self.paths)

    @property
    def holds_many(self) -> bool:
        """Tells whether what is no picture is left out, and not refused."""
        return self.is_stream or Path(self.source).is_dir()

    def counted(self, found: Iterator["Prediction"]) -> Iterator["Prediction"]:
        """Yields the predictions, and counts them as `predicted`."""
        for self.predicted, one in enumerate(found, start=1):
            yield one

    def pictures(self, class_names: tuple[str, ...]) -> "Iterator[Path | Record]":
        """Returns them one after another; what of a stream can't be read is noted in `left_out`."""
        from kerasvgg.data.streams.records import stream

        return stream(self.source, class_names, self.left_out) if self.is_stream else iter(self.paths)


def _opened(model: Path, engine: Engine, pictures: int) -> "tuple[Any, Description]":
    """Returns the model with what it says of itself; without TensorFlow, where that is known to do."""
    from kerasvgg.cli.names import model_file
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.engines.saved import known_model
    from kerasvgg.errors import ModelFileError
    from kerasvgg.modelfile.description import read_description

    path = model_file(model)
    known = known_model(path, pictures) if engine in (None, "ncnn") else None
    if known and (about := read_description(path)):
        return known, about
    start_tensorflow()
    from kerasvgg.modelfile.open.open import open_model

    opened = open_model(path)
    if opened.description is None:
        raise ModelFileError(f"`{path}` does not say its class names and image size: kerasvgg did not write it")
    return opened.model, opened.description


def _learn(model: Path, opened: Any, description: "Description", paths: "Sequence[Path]") -> None:
    """Finds out whether the model can go without TensorFlow the next time, now that the answer is there."""
    from kerasvgg.cli.names import model_file
    from kerasvgg.engines.saved import SavedModel
    from kerasvgg.runs.engines import learn_of_files

    if not isinstance(opened, SavedModel):
        learn_of_files(model_file(model), opened, description, paths)


@dataclass(frozen=True)
class _How:
    """What is said of each picture."""

    top: int
    unsure: float | None
    unknown: bool
    multi_label: bool = False

    @property
    def names_best(self) -> bool:
        """Tells whether something else than the best class may be said."""
        return self.unsure is not None or self.unknown

    def said(self, one: "Prediction") -> str:
        """Returns the best class, or why none is said."""
        if one.is_unknown:
            return UNKNOWN
        return one.predicted if self.unsure is None or max(one.probabilities) >= self.unsure else UNSURE


def _require_free(names: tuple[str, ...], how: _How) -> None:
    from kerasvgg.errors import ConfigError

    if how.multi_label and how.unsure is not None:
        raise ConfigError("`--unsure` must be left out for a model of several classes a picture, which has thresholds")
    for word, is_asked in ((UNSURE, how.unsure is not None), (UNKNOWN, how.unknown)):
        if is_asked and word in names:
            raise ConfigError(f"`--{word}` must be left out, because the model has a class called {word}")


def _calibrated(found: Iterator["Prediction"], description: "Description") -> Iterator["Prediction"]:
    """Yields predictions with probabilities that are as high as the model was often right on validation."""
    from kerasvgg.evaluation.calibration import calibrated, probabilities

    for one in found:
        yield replace(one, probabilities=tuple(calibrated(probabilities([one]), description.temperature)[0].tolist()))


def _ranked(names: tuple[str, ...], one: "Prediction", top: int) -> list[tuple[str, float]]:
    pairs = sorted(zip(names, one.probabilities, strict=True), key=lambda pair: -pair[1])
    return pairs[:top]


def _as_text(names: tuple[str, ...], found: Iterator["Prediction"], how: _How) -> Iterator[str]:
    from kerasvgg.evaluation.predictions import NO_CLASS
    from kerasvgg.files.text import escape

    for one in found:
        far = "" if one.distance is None else f"; distance {one.distance:.2f}"
        said = how.said(one)
        if how.multi_label:
            shares = ", ".join(f"{escape(name)} {share:.2%}" for name, share in _ranked(names, one, how.top))
            yield f"{escape(one.path)}: {escape(said or NO_CLASS)} ({shares}{far})"
            continue
        if said != one.predicted:
            yield f"{escape(one.path)}: {said} ({escape(one.predicted)} {100 * max(one.probabilities):.0f} %{far})"
            continue
        ranked = (f"{escape(name)} {share:.2%}" for name, share in _ranked(names, one, how.top))
        yield f"{escape(one.path)}: {', '.join(ranked)}{far}"


def _as_json(names: tuple[str, ...], found: Iterator["Prediction"], how: _How) -> Iterator[str]:
    for one in found:
        best = {"best": one.predicted} if how.names_best else {}
        distance = {} if one.distance is None else {"distance": one.distance}
        top_shares = dict(_ranked(names, one, how.top))
        yield json.dumps({"path": one.path, "predicted": how.said(one), **best, **distance, "top": top_shares})


def _as_csv(names: tuple[str, ...], found: Iterator["Prediction"], how: _How) -> Iterator[str]:
    from kerasvgg.files.text import printable, write_rows

    def row(one: "Prediction") -> list[str]:
        said = [how.said(one), one.predicted] if how.names_best else [one.predicted]
        numbers = one.probabilities if one.distance is None else (one.distance, *one.probabilities)
        return [printable(one.path), *said, *map("{:.9g}".format, numbers)]

    more = [*(["best"] if how.names_best else []), *(["distance"] if how.unknown else [])]
    write_rows(sys.stdout, [["path", "predicted", *more, *names]])
    write_rows(sys.stdout, map(row, found))
    return iter(())
