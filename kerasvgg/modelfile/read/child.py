"""Asking another process, with limits on memory, time and files, to look into a file."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.files.reading import why_not_plain

SECONDS = 12  # of the clock, for everything but the arrays
BYTES_A_SECOND = 20 << 20  # that a slow disk reads
PACKAGES = Path(__file__).parents[3]


class UnreadableError(ModelFileError):
    """What reads a file came to no end; `kind` is one of `Danger`'s."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


def ask(task: str, *paths: Path) -> dict[str, Any]:
    """Returns what `kerasvgg.modelfile.reader` says of the files, JSON with `limits_missing` in it.

    Raises ModelFileError for a file of another kind, and UnreadableError for one that the child could not read: with
    its own words, or saying how it ended.
    """
    for path in paths:
        if (reason := why_not_plain(path)) is not None:
            raise ModelFileError(f"`{path}` must be a model file, received {reason}")
    size = sum(path.stat().st_size for path in paths)
    seconds = SECONDS + (0 if task in ("saved", "facts") else size // BYTES_A_SECOND)
    command = [sys.executable, "-P", "-m", "kerasvgg.modelfile.reader", task, str(seconds), *map(os.fspath, paths)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds, check=False, env=_environment()
        )
    except subprocess.TimeoutExpired:
        why = "it is damaged, made to take long, or this machine has much else to do"
        raise UnreadableError(f"{_named(paths)} could not be read within {seconds} seconds: {why}", "damage") from None
    return _answer(done, paths)


def _environment() -> dict[str, str]:
    """Has the child find this kerasvgg, HDF5 load no plugins, and the arithmetic library reserve no memory."""
    path = os.pathsep.join(filter(None, (str(PACKAGES), os.environ.get("PYTHONPATH", ""))))
    return {**os.environ, "PYTHONPATH": path, "HDF5_PLUGIN_PRELOAD": "::", "OPENBLAS_NUM_THREADS": "1"}


def _answer(done: subprocess.CompletedProcess[bytes], paths: tuple[Path, ...]) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except (ValueError, RecursionError):
        raise UnreadableError(f"{_named(paths)} could not be read: {_how_it_ended(done)}", "damage") from None
    if "error" not in said:
        return said
    text = f"{_named(paths)} {said['error']}"
    raise UnreadableError(text, said["kind"]) if said["kind"] else ModelFileError(text)


def _how_it_ended(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode < 0:
        return f"what reads it was ended by signal {-done.returncode}, {signal.strsignal(-done.returncode)}"
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    return f"what reads it ended with status {done.returncode} ({''.join(last)})"


def _named(paths: tuple[Path, ...]) -> str:
    return " or ".join(f"`{path}`" for path in paths)
