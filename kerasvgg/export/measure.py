"""The process that runs one export over pictures: python -m kerasvgg.export.measure < TASK

It goes by predict.py, as whoever takes the export along will; only Keras' own answer comes by way of kerasvgg.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.errors import KerasVGGError, ModelFileError
from kerasvgg.export.convert import ENVIRONMENT, TEXT, last_words
from kerasvgg.process.progress import progress
from kerasvgg.process.threads import processors

WARM, TIMED = 3, 30  # calls that are not timed, and that are
REFUSED = "refused: "  # begins the line of a process that can't take the model
SCALE = 1 if sys.platform == "darwin" else 1024  # bytes of what the system calls one


@dataclass(frozen=True)
class Measured:
    """Probabilities (n, classes) of the pictures that could be read; the others' places are `refused`, with reasons.

    `milliseconds` is the median of one picture at a time, without decoding, `memory` the most bytes that the process
    has held.
    """

    rows: np.ndarray
    refused: dict[int, str]
    milliseconds: float
    memory: int


@dataclass(frozen=True)
class Task:
    """`model` is an export, or a file of Keras where there is no `program`; `output` is where the rows go (.npy)."""

    model: str
    program: str
    pictures: tuple[str, ...]
    output: str
    threads: int


def measure(model: Path, program: Path | None, pictures: Sequence[Path], label: str) -> Measured:
    """Runs a model over pictures in a process of its own, with as many threads as this one may use.

    Raises ModelFileError for a model that can't be exported, and KerasVGGError, with what the process says, where it
    fails.
    """
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+", **TEXT) as said:
        output, program_file = Path(folder) / "rows.npy", str(program or "")
        task = Task(str(model), program_file, tuple(map(str, pictures)), str(output), processors())
        words = [sys.executable, "-P", "-W", "ignore", "-m", "kerasvgg.export.measure"]
        env = {**os.environ, **ENVIRONMENT, "TF_NUM_INTRAOP_THREADS": str(task.threads)}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": said}
        with subprocess.Popen(words, **pipes, env=env, **TEXT) as process:
            try:
                _feed(process, json.dumps(asdict(task)))
                told = list(_followed(process, label, len(pictures)))
            except BaseException:
                process.kill()
                raise
        if process.returncode or not told:
            raise KerasVGGError(f"{label} failed: {last_words(said, process.returncode)}")
        about = json.loads(told[-1])
        refused = {int(place): why for place, why in about["refused"].items()}
        return Measured(np.load(output), refused, about["milliseconds"], about["memory"])


def _feed(process: "subprocess.Popen[str]", text: str) -> None:
    if process.stdin:
        with suppress(BrokenPipeError):  # it has ended already, and will have said why
            process.stdin.write(text)
            process.stdin.close()


def _followed(process: "subprocess.Popen[str]", label: str, total: int) -> Iterator[str]:
    with progress(label, total) as advance:
        for line in process.stdout or ():
            if line.startswith("{"):
                yield line
            elif line.startswith(REFUSED):
                raise ModelFileError(line[len(REFUSED) :].strip())
            elif line == ".\n":
                advance(1)


def _main(task: Task) -> None:
    call, read = _of_program(task) if task.program else _of_keras(task)
    rows, refused, seconds, pixels = [], {}, [], None
    for place, path in enumerate(task.pictures):
        try:
            pixels = read(path)
        except Exception as error:  # readers of pictures raise whatever the damaged part happens to cause
            refused[place] = f"{type(error).__name__}: {error}"
        else:
            rows.append(call(pixels))
        sys.stdout.write(".\n")
        sys.stdout.flush()
    for _ in range(0 if pixels is None else WARM + TIMED):
        started = time.perf_counter()
        call(pixels)
        seconds.append(time.perf_counter() - started)
    np.save(task.output, np.array(rows))
    about = {"refused": refused, "milliseconds": 1000 * statistics.median(seconds[WARM:] or [0.0]), "memory": _memory()}
    sys.stdout.write(json.dumps(about) + "\n")


Calls = tuple[Callable[[Any], np.ndarray], Callable[[str], Any]]


def _of_program(task: Task) -> Calls:
    spec = spec_from_file_location("predict", task.program)
    if spec is None or spec.loader is None:
        raise KerasVGGError(f"`{task.program}` must be a program, received none")
    program = module_from_spec(spec)
    spec.loader.exec_module(program)
    model = program.Model(task.model, task.threads)
    return model, lambda path: program.read(path, model.about)


def _of_keras(task: Task) -> Calls:
    from kerasvgg.data.pictures.decode import decode, gray
    from kerasvgg.export.forward import exported
    from kerasvgg.export.metadata import metadata
    from kerasvgg.modelfile.open.open import open_model
    from kerasvgg.models.forward import Forward

    opened = open_model(Path(task.model))
    about = metadata(opened.model, opened.description)
    run = Forward(exported(opened.model, opened.description))
    how = tuple(about["image_size"]), about["interpolation"], about["fit"]

    def read(path: str) -> np.ndarray:
        pixels = decode(Path(path), *how)
        return pixels if about["channels"] == 3 else gray(pixels)

    return lambda pixels: run(pixels[None])[0], read


def _memory() -> int:
    """Returns the most bytes that this process has held, 0 where the system does not say."""
    with suppress(OSError, StopIteration):  # on Linux `getrusage` also counts what the parent held when it forked
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM:")).split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return SCALE * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    given = json.loads(sys.stdin.read())
    try:
        _main(Task(**{**given, "pictures": tuple(given["pictures"])}))
    except ModelFileError as error:
        sys.stdout.write(REFUSED + " ".join(str(error).split()) + "\n")
    except (KerasVGGError, OSError) as error:
        sys.exit(str(error))
