"""A real server on 127.0.0.1."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import kerasvgg


@pytest.fixture
def serve() -> Iterator[Callable[[Path], Any]]:
    """Begins servers on folders of runs."""
    from page_server import serving

    with serving() as begin:
        yield begin


@pytest.fixture
def written_run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run folder as a stranger might, with pictures, below a folder of runs."""
    from page_server import write_run

    return partial(write_run, tmp_path)


@dataclass
class Command:
    """`kerasvgg ui` as a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def command(tmp_path: Path, cache: Path) -> Iterator[Callable[[], Command]]:
    """Begins the command in the working folder."""
    begun: list[Command] = []

    def begin() -> Command:
        env = {**os.environ, "PYTHONPATH": str(Path(kerasvgg.__file__).parents[1]), "HOME": str(tmp_path)}
        words = [sys.executable, "-m", "kerasvgg", "ui", "--no-browser", "--port", "0"]
        process = subprocess.Popen(words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        found = re.search(r"http\S+", process.stdout.readline())
        assert found
        begun.append(Command(process, found.group()))
        return begun[-1]

    yield begin
    for one in begun:
        with one.process:  # which closes what it writes to
            one.process.terminate()
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
