"""What the words on a command line stand for: experiments, runs and model files."""

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

Engine = Annotated[
    Literal["graph", "xla", "ncnn"] | None,  # as kerasvgg.engines.engine has them, which takes longer to import
    typer.Option("--engine", help="What computes what is frozen or only predicts. Left out: the fastest."),
]


Cluster = Annotated[
    str | None,
    typer.Option(help="A Ray cluster's address, or `local`: this machine as one. Left out: this process alone."),
]
Common = Annotated[bool, typer.Option("--common", help="Compare on the pictures that all have scored, if not all are.")]
Threads = Annotated[int, typer.Option(min=1, help="Processors of each worker of a cluster.")]
AllowMixed = Annotated[bool, typer.Option("--allow-mixed", help="Take machines whose results differ in the last bits.")]
Rehash = Annotated[bool, typer.Option("--rehash", help="Read known files again, too.")]


def taken_as(word: Path, path: Path) -> str:
    """Returns which experiment was taken for a word."""
    kind = "the run folder" if path.is_dir() else "the file" if path == word else f"`{word.as_posix()}`, which is"
    return f"experiment: {kind} {path}"


def model_file(path: Path) -> Path:
    """Returns the file; raises ModelFileError for a run that is unfinished, and ConfigError for another folder."""
    from kerasvgg.errors import ModelFileError
    from kerasvgg.files.run_folder import RunFolder

    if not path.is_dir():
        return path
    folder = RunFolder(path)
    if folder.is_there and not folder.is_finished and not folder.model_keras.is_file():
        so_far = f", and its best model so far is `{folder.best}`" if folder.best.is_file() else ""
        how = shlex.join(["kerasvgg", "run", str(path), "--resume"])
        raise ModelFileError(f"`{path}` is unfinished: `{how}` goes on with it{so_far}")
    folder = RunFolder.open(path)
    return folder.model_keras
