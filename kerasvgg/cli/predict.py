"""kerasvgg predict"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.evaluation.predictions import Prediction


def predict(
    model: Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")],
    pictures: Annotated[Path, typer.Argument(help="A picture, or a folder of pictures.")],
    top: Annotated[int, typer.Option(min=1, help="How many classes to show.")] = 5,
    csv: Annotated[bool, typer.Option("--csv", help="One line per picture, all probabilities.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and picture.")] = False,
) -> None:
    """Say what is on pictures, with the class names and settings that travel in the model file."""
    from kerasvgg.cli.model_file import model_file
    from kerasvgg.cli.quiet import start_tensorflow
    from kerasvgg.data.scan import pictures_below
    from kerasvgg.data.shown import shown
    from kerasvgg.errors import ConfigError, DataError, ModelFileError
    from kerasvgg.models.open import open_model
    from kerasvgg.predict import predict as predictions

    if csv and as_json:
        raise ConfigError("`--csv` and `--json` exclude each other, received both")
    start_tensorflow()
    if not pictures.exists() and not pictures.is_symlink():
        raise DataError(f"`{pictures}` must be a picture or a folder of pictures, received nothing there")
    path = model_file(model)
    opened = open_model(path)
    if opened.description is None:
        raise ModelFileError(f"`{path}` does not say its class names and image size: kerasvgg did not write it")
    paths, left_out = pictures_below(pictures) if pictures.is_dir() else ([pictures], [])
    refused: list[tuple[Path, str]] | None = [] if pictures.is_dir() else None
    names = opened.description.class_names
    found = predictions(opened.model, opened.description, ((path, "") for path in paths), refused)
    write = _as_csv if csv else _as_json if as_json else _as_text
    for line in write(names, found, top):
        typer.echo(line)
    for line in (*(f"{path}: {reason}" for path, reason in left_out), *(reason for _, reason in refused or ())):
        typer.echo(shown(f"left out: {line}"), err=True)
    if refused is not None and len(refused) == len(paths):
        raise DataError(f"`{pictures}` must hold at least one picture, received none")


def _ranked(names: tuple[str, ...], one: "Prediction", top: int) -> list[tuple[str, float]]:
    pairs = sorted(zip(names, one.probabilities, strict=True), key=lambda pair: -pair[1])
    return pairs[:top]


def _as_text(names: tuple[str, ...], found: Iterator["Prediction"], top: int) -> Iterator[str]:
    from kerasvgg.data.shown import shown

    for one in found:
        ranked = (f"{shown(name)} {share:.2%}" for name, share in _ranked(names, one, top))
        yield f"{shown(one.path)}: {', '.join(ranked)}"


def _as_json(names: tuple[str, ...], found: Iterator["Prediction"], top: int) -> Iterator[str]:
    for one in found:
        yield json.dumps({"path": one.path, "predicted": one.predicted, "top": dict(_ranked(names, one, top))})


def _as_csv(names: tuple[str, ...], found: Iterator["Prediction"], top: int) -> Iterator[str]:
    from kerasvgg.csv_rows import write_rows
    from kerasvgg.data.manifest import printable

    write_rows(sys.stdout, [["path", "predicted", *names]])
    shares = "{:.9g}".format
    write_rows(sys.stdout, ([printable(one.path), one.predicted, *map(shares, one.probabilities)] for one in found))
    return iter(())
