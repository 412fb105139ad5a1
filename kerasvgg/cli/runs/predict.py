"""kerasvgg predict"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from kerasvgg.evaluation.predictions import Prediction
    from kerasvgg.modelfile.description import Description

UNSURE = "unsure"
Unsure = Annotated[
    float | None, typer.Option(min=0, max=1, help="Say unsure below this probability, calibrated on validation.")
]


def predict(
    model: Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")],
    pictures: Annotated[Path, typer.Argument(help="A picture, or a folder of pictures.")],
    *,
    top: Annotated[int, typer.Option(min=1, help="How many classes to show.")] = 5,
    csv: Annotated[bool, typer.Option("--csv", help="One line per picture, all probabilities.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line and picture.")] = False,
    unsure: Unsure = None,
) -> None:
    """Say what is on pictures, with the class names and settings that travel in the model file."""
    from kerasvgg.cli.names import model_file
    from kerasvgg.cli.tensorflow import start_tensorflow
    from kerasvgg.data.folder.scan import pictures_below
    from kerasvgg.errors import ConfigError, DataError, ModelFileError
    from kerasvgg.files.text import escape
    from kerasvgg.modelfile.open.open import open_model
    from kerasvgg.runs.predict import predict as predictions

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
    if unsure is not None:
        found = _calibrated(found, opened.description)
    write = _as_csv if csv else _as_json if as_json else _as_text
    for line in write(names, found, top, unsure):
        typer.echo(line)
    for line in (*(f"{path}: {reason}" for path, reason in left_out), *(reason for _, reason in refused or ())):
        typer.echo(escape(f"left out: {line}"), err=True)
    if refused is not None and len(refused) == len(paths):
        raise DataError(f"`{pictures}` must hold at least one picture, received none")


def _calibrated(found: Iterator["Prediction"], description: "Description") -> Iterator["Prediction"]:
    """Yields predictions with probabilities that are as high as the model was often right on validation."""
    from kerasvgg.errors import ConfigError
    from kerasvgg.evaluation.calibration import calibrated, probabilities

    if UNSURE in description.class_names:
        raise ConfigError(f"`--unsure` must be left out, because the model has a class called {UNSURE}")
    for one in found:
        yield replace(one, probabilities=tuple(calibrated(probabilities([one]), description.temperature)[0].tolist()))


def _ranked(names: tuple[str, ...], one: "Prediction", top: int) -> list[tuple[str, float]]:
    pairs = sorted(zip(names, one.probabilities, strict=True), key=lambda pair: -pair[1])
    return pairs[:top]


def _said(one: "Prediction", unsure: float | None) -> str:
    return one.predicted if unsure is None or max(one.probabilities) >= unsure else UNSURE


def _as_text(names: tuple[str, ...], found: Iterator["Prediction"], top: int, unsure: float | None) -> Iterator[str]:
    from kerasvgg.files.text import escape

    for one in found:
        if _said(one, unsure) == UNSURE:
            best = f"{escape(one.predicted)} {100 * max(one.probabilities):.0f} %"
            yield f"{escape(one.path)}: {UNSURE} ({best})"
            continue
        ranked = (f"{escape(name)} {share:.2%}" for name, share in _ranked(names, one, top))
        yield f"{escape(one.path)}: {', '.join(ranked)}"


def _as_json(names: tuple[str, ...], found: Iterator["Prediction"], top: int, unsure: float | None) -> Iterator[str]:
    for one in found:
        best = {} if unsure is None else {"best": one.predicted}
        top_shares = dict(_ranked(names, one, top))
        yield json.dumps({"path": one.path, "predicted": _said(one, unsure), **best, "top": top_shares})


def _as_csv(names: tuple[str, ...], found: Iterator["Prediction"], top: int, unsure: float | None) -> Iterator[str]:
    from kerasvgg.files.text import printable, write_rows

    def row(one: "Prediction") -> list[str]:
        said = [one.predicted] if unsure is None else [_said(one, unsure), one.predicted]
        return [printable(one.path), *said, *map("{:.9g}".format, one.probabilities)]

    write_rows(sys.stdout, [["path", "predicted", *([] if unsure is None else ["best"]), *names]])
    write_rows(sys.stdout, map(row, found))
    return iter(())
