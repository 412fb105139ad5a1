"""The process that writes one export: python -m kerasvgg.export.convert < STEP

A process for each, because TensorFlow's converter keeps the memory it takes, and because names of nodes, and so the
bytes of a file, follow from what a process has done before. Python's hashes are fixed for the same reason.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from kerasvgg.errors import DataError, KerasVGGError
from kerasvgg.export import to_litert, to_onnx, to_openvino, to_saved_model, to_web
from kerasvgg.export.int8 import quantisable
from kerasvgg.export.program import Model, read

# Exports are for processors, so Keras is asked there, too; a graphics card computes with fewer digits.
ENVIRONMENT = {"CUDA_VISIBLE_DEVICES": "-1", "PYTHONIOENCODING": "utf-8", "TF_CPP_MIN_LOG_LEVEL": "3"}
TEXT: dict[str, Any] = {"encoding": "utf-8", "errors": "replace"}  # of what these processes say


@dataclass(frozen=True)
class Step:
    """What is to be done: see STEPS. Paths are absolute; `source` is an ONNX file, `pictures` are files.

    `weights` are an .npz file of those that take the place of the `model`'s, by layer and number, but for `floats`.
    """

    name: str
    target: str
    model: str = ""
    source: str = ""
    ranges: str = ""
    weights: str = ""
    pictures: tuple[str, ...] = ()
    floats: tuple[str, ...] = ()


def convert(step: Step) -> None:
    """Does the step in a process of its own. Raises KerasVGGError with what that says where it fails."""
    with tempfile.TemporaryFile("w+", **TEXT) as said:
        words = [sys.executable, "-P", "-W", "ignore", "-m", "kerasvgg.export.convert"]
        env = {**os.environ, **ENVIRONMENT, "PYTHONHASHSEED": "0"}
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": said, "stderr": said}
        with subprocess.Popen(words, **pipes, env=env, encoding="utf-8") as process:
            try:
                _feed(process, json.dumps(asdict(step)))
                process.wait()
            except BaseException:
                process.kill()
                raise
            finally:
                _close(process)
        if process.returncode:
            raise KerasVGGError(f"{step.name} could not be made: {last_words(said, process.returncode)}")


def _feed(process: "subprocess.Popen[str]", text: str) -> None:
    """Hands over a line, and leaves the pipe open: by its end the other side knows that this process is gone."""
    if process.stdin:
        with suppress(BrokenPipeError):  # it has ended already, and will have said why
            process.stdin.write(f"{text}\n")
            process.stdin.flush()


def _close(process: "subprocess.Popen[str]") -> None:
    if process.stdin:
        with suppress(BrokenPipeError):
            process.stdin.close()


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing more comes; Python's own reader would hold a lock when it is time to end
    os._exit(1)


def last_words(said: IO[str], status: int) -> str:
    """Returns the last line that a process wrote, or that it was killed."""
    said.seek(0)
    lines = said.read().strip().splitlines()
    return "it was killed" if status < 0 or not lines else lines[-1]


def _opened(step: Step, *, maps: bool = False) -> tuple[Any, dict[str, Any]]:
    from kerasvgg.export.forward import exported
    from kerasvgg.export.metadata import metadata
    from kerasvgg.modelfile.open.open import open_model

    opened = open_model(Path(step.model))
    if step.weights:
        with np.load(step.weights) as given:
            for name in {key.rpartition("/")[0] for key in given}.difference(step.floats):
                layer = opened.model.get_layer(name)
                layer.set_weights([given[f"{name}/{number}"] for number in range(len(layer.weights))])
    return exported(opened.model, opened.description, maps=maps), metadata(opened.model, opened.description)


def _pixels(step: Step, about: dict[str, Any]) -> Iterator[np.ndarray]:
    """Yields the pictures that can be read, each as a batch of its own. Raises DataError for none."""
    count = 0
    for path in step.pictures:
        try:
            pixels = read(path, about)
        except Exception:  # readers of pictures raise whatever the damaged part happens to cause
            continue
        count += 1
        yield pixels[None].astype(np.float32)
    if not count:
        raise DataError("at least one picture must be readable to know what ranges activations have, received none")


def _onnx(step: Step) -> None:
    model, about = _opened(step, maps=True)
    to_onnx.write(model, about, Path(step.target))
    layers_file(Path(step.target)).write_text(json.dumps(quantisable(model)), encoding="utf-8")


def layers_file(onnx: Path) -> Path:
    """Returns where the names of the layers that can be in int8 lie, beside an ONNX file that was just made."""
    return onnx.with_suffix(".layers.json")


def _litert(step: Step) -> None:
    to_litert.write(*_opened(step), Path(step.target))


def _saved_model(step: Step) -> None:
    to_saved_model.write(*_opened(step), Path(step.target))


def _openvino(step: Step) -> None:
    to_openvino.write(Path(step.source), Model(step.source).about, Path(step.target))


def _web(step: Step) -> None:
    to_web.write(Path(step.source), Model(step.source).about, Path(step.target))


def _rounded(step: Step) -> None:
    """Writes the weights of the layers whose kernels are rounded."""
    from kerasvgg.export.metadata import metadata
    from kerasvgg.export.rounding import round_kernels
    from kerasvgg.modelfile.open.open import open_model

    opened = open_model(Path(step.model))
    model = opened.model
    names = round_kernels(model, step.floats, _pixels(step, metadata(model, opened.description)))
    arrays = {f"{name}/{i}": one for name in names for i, one in enumerate(model.get_layer(name).get_weights())}
    np.savez(step.target, **arrays)


def _ranges(step: Step) -> None:
    to_onnx.calibrate(_prepared(step), Path(step.target), _pixels(step, Model(step.source).about))


def _onnx_int8(step: Step) -> None:
    _write_int8(step, Path(step.target), step.floats)


def _litert_int8(step: Step) -> None:
    model, about = _opened(step)
    to_litert.write_int8(model, about, Path(step.target), _pixels(step, about), step.floats)


def _order(step: Step) -> None:
    """Writes the layers, most harmful first: those that, alone in int8, move the probabilities furthest on average."""
    exact = Model(step.source)
    pixels = [read(path, exact.about) for path in step.pictures]
    wanted = [exact(one) for one in pixels]
    harm = {}
    for name in step.floats:
        alone = Path(step.target).with_suffix(".alone.onnx")
        _write_int8(step, alone, [one for one in step.floats if one != name])
        model = Model(alone)
        harm[name] = float(np.mean([np.abs(model(one) - row) for one, row in zip(pixels, wanted, strict=True)]))
    Path(step.target).write_text(json.dumps(sorted(harm, key=lambda name: -harm[name])), encoding="utf-8")


def _write_int8(step: Step, target: Path, floats: Any) -> None:
    source = Path(step.source)
    known = json.loads(layers_file(source).read_text(encoding="utf-8"))
    to_onnx.write_int8(source, _prepared(step), Path(step.ranges), target, layers=known, floats=floats)


def _prepared(step: Step) -> Path:
    """Returns the source as the quantiser wants it, which is made once."""
    source = Path(step.source)
    prepared = source.with_suffix(".prepared.onnx")
    if not prepared.exists():
        to_onnx.prepare(source, prepared)
    return prepared


STEPS = {
    "onnx": _onnx,
    "litert": _litert,
    "savedmodel": _saved_model,
    "openvino": _openvino,
    "web": _web,
    "rounded kernels": _rounded,
    "ranges of activations": _ranges,
    "onnx in int8": _onnx_int8,
    "litert in int8": _litert_int8,
    "order of layers": _order,
}

if __name__ == "__main__":
    given: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    lists = {key: tuple(value) for key, value in given.items() if isinstance(value, list)}
    try:
        STEPS[given["name"]](Step(**{**given, **lists}))
    except (KerasVGGError, OSError) as error:
        sys.exit(str(error))
