"""What the words on a command line stand for: experiments, runs, model files, new folders."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasvgg.files.run_folder import RunFolder


def experiment_name(path: Path) -> str:
    """Returns the file's path below the nearest folder called experiments, or its bare name, without the suffix."""
    parts = path.absolute().with_suffix("").parts
    if "experiments" in parts[:-1]:
        last = len(parts) - 1 - parts[::-1].index("experiments")
        return "/".join(parts[last + 1 :])
    return parts[-1]


def experiment_path(word: Path) -> Path:
    """Returns what stands for an experiment: an existing file, an existing folder, or else a shipped experiment's file.

    Raises ConfigError, naming the nearest shipped experiments, for a word that is none of them.
    """
    from kerasvgg.config.shipped import nearest, shipped
    from kerasvgg.errors import ConfigError

    if word.exists():
        return word
    found = shipped()
    if word.as_posix() in found:
        return found[word.as_posix()]
    near = " or ".join(f"`{name}`" for name in nearest(word.as_posix()))
    hint = f"did you mean {near}?" if near else "`kerasvgg ls` lists those that do"
    raise ConfigError(f"{word}: there is no such file, and no experiment of that name comes with kerasvgg; {hint}")


def taken_as(word: Path, path: Path) -> str:
    """Returns which experiment was taken for a word."""
    kind = "the run folder" if path.is_dir() else "the file" if path == word else f"`{word.as_posix()}`, which is"
    return f"experiment: {kind} {path}"


def run_names(paths: Sequence[Path]) -> list[str]:
    """Returns the end of each path, long enough to tell them apart; one alone needs no name."""
    parts = [path.absolute().parts for path in paths]
    if len(parts) == 1:
        return [""]
    for count in range(2, max(map(len, parts)) + 1):
        names = ["/".join(one[-count:]) for one in parts]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def model_file(path: Path) -> Path:
    """Returns the file; raises ModelFileError for a run that is unfinished, and ConfigError for another folder."""
    from kerasvgg.errors import ModelFileError
    from kerasvgg.files.run_folder import RunFolder

    if not path.is_dir():
        return path
    folder = RunFolder.open(path)
    if not folder.model_keras.is_file() and folder.best.is_file():
        raise ModelFileError(
            f"`{path}` is unfinished: `kerasvgg run {path} --resume` goes on with it, and its best model so far is "
            f"`{folder.best}`"
        )
    return folder.model_keras


@contextmanager
def new_folder(output: Path | None, parent: Path, name: str) -> "Iterator[RunFolder]":
    """Yields `output`, or parent/name/N with the first N that is free; what stays empty is removed again.

    Raises ConfigError for an output that stands already, unless it is an empty folder, and where nothing can be made.
    """
    from kerasvgg.errors import ConfigError
    from kerasvgg.files.run_folder import RunFolder

    place = output or parent / name
    made = [one for one in (place, *place.parents) if not one.exists()]
    try:
        if output is not None and output.is_dir() and any(output.iterdir()):
            raise ConfigError(f"`--output` must be a new folder or an empty one, received {output} with files in it")
        if output is None:
            folder = RunFolder.create(parent, name)
        else:
            output.mkdir(parents=True, exist_ok=True)
            folder = RunFolder(output)
    except OSError as error:
        received = output or f"none, and {place} is not"
        reason = error.strerror or error
        raise ConfigError(f"`--output` must be a folder that can be written, received {received}: {reason}") from error
    try:
        yield folder
    finally:
        with suppress(OSError):  # there is something in it
            for one in dict.fromkeys((folder.path, *made)):
                one.rmdir()
