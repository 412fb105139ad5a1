"""Where pictures of a model go, and the options that all of them share."""

import errno
import os
import re
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kerasvgg.errors import ConfigError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.plots.figure import require_format

if TYPE_CHECKING:
    from kerasvgg.cli.show.subject import Subject

Model = Annotated[Path, typer.Argument(help="A run folder, or a model file (.keras or .h5).")]
Image = Annotated[
    str,
    typer.Argument(help="A picture's file, or its path in the run's split.csv; a run's first test picture otherwise."),
]
Output = Annotated[
    Path | None,
    typer.Option(help="PNG or SVG to write; otherwise one in the run's folder `pictures`, for a model file one here."),
]
Dark = Annotated[bool, typer.Option("--dark", help="Draw on a dark ground.")]
Preprocessing = Annotated[
    str,
    typer.Option(help="For a model that kerasvgg did not write: what it wants of RGB 0..255 (vgg, unit, half ...)."),
]
Size = Annotated[tuple[int, int] | None, typer.Option(metavar="HEIGHT WIDTH", help="Another size than the model's.")]


LONGEST = 180  # bytes of a name


class Target:
    """Where pictures of a run, or of another `what`, go: to `output`, or into the run's folder for them, or here.

    Raises ConfigError for a file that can't be drawn or written, before anything is computed.
    """

    def __init__(self, output: Path | None, what: Path) -> None:
        is_run = what.is_dir()
        self._output, self._folder = output, RunFolder(what).pictures if is_run else Path()
        self._what = "" if is_run else what.stem
        if output is not None:
            require_format(output)
        if why := _why_not(output or self._folder / "any.png"):
            received = output or f"none, and {self._folder} is not"
            raise ConfigError(f"`--output` must be a file that can be written, received {received}: {why}")

    def path(self, command: str, *words: str, **options: object) -> Path:
        """Returns `output`, or a file named after the words, and after the options that are neither None nor False."""
        if self._output is not None:
            return self._output
        return self._folder / f"{_name([command, self._what, *words, *_asked(options)])}.png"

    def paths(self, command: str, *words: str, last: list[str], **options: object) -> list[Path]:
        """Returns a file for each last word."""
        if self._output is not None and len(last) > 1:
            return [self._output.with_stem(_name([self._output.stem, one])) for one in last]
        return [self.path(command, *words, one, **options) for one in last]


def word_of(picture: Path) -> str:
    """Returns what tells a picture from one that is called so in another folder."""
    return "/".join(filter(None, (picture.parent.name, picture.stem)))


def _asked(options: dict[str, object]) -> list[str]:
    given = {name: value for name, value in options.items() if value is not None and value is not False and value != ""}
    return [name if value is True else f"{name}.{value}" for name, value in given.items()]


def _name(words: list[str]) -> str:
    name = "-".join(re.sub(r"[^\w.-]+", ".", word) for word in words if word)
    if len(name.encode()) <= LONGEST:
        return name
    return f"{name.encode()[:LONGEST].decode(errors='ignore')}-{sha256(name.encode()).hexdigest()[:8]}"


def _why_not(path: Path) -> str:
    """Returns why the file can't be written, "" if it can."""
    try:
        if path.is_dir():
            return os.strerror(errno.EISDIR)
        folder = next(one for one in path.absolute().parents if one.exists())
        with tempfile.TemporaryFile(dir=folder):
            return ""
    except OSError as error:
        return error.strerror or str(error)


def opened(model: Path, preprocessing: str, output: Path | None) -> "tuple[Subject, Target]":
    """Returns the model that is to be shown, and where pictures of it go, which is found out first."""
    from kerasvgg.cli.tensorflow import start_tensorflow

    target = Target(output, model)
    start_tensorflow()
    from kerasvgg.cli.show.subject import open_subject

    return open_subject(model, preprocessing), target
