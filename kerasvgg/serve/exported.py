"""What `kerasvgg export` wrote, by the runtime that it is for."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.errors import ModelFileError
from kerasvgg.export.forward import INPUT, MAPS, OUTPUT
from kerasvgg.export.metadata import KEY
from kerasvgg.export.program import OPENERS
from kerasvgg.serve.model import About, Model, Rows

PART = 4  # pictures that a thread computes at a time
RUNTIMES = {
    ".onnx": "ONNX Runtime",
    ".tflite": "LiteRT",
    ".xml": "OpenVINO",
    ".html": "ONNX Runtime",
    "": "TensorFlow",
}


def open_exported(path: Path, threads: int) -> Model:
    """Opens an export. Raises ModelFileError for what its runtime does not take, and for a file of others' making."""
    try:
        if path.suffix == ".onnx":
            return _by_onnx_runtime(path, threads)
        said, run = OPENERS[path.suffix](path, threads)
        one_by_one = path.suffix == ".tflite"  # which is for one picture at a time
        return Model(_about(said, RUNTIMES[path.suffix]), _rows_of(run, one_by_one))
    except (ImportError, MemoryError):
        raise
    except Exception as error:  # runtimes raise whatever the damaged part happens to cause
        why = " ".join(str(error).split())[:300] or type(error).__name__
        raise ModelFileError(f"`{path.name}` must be what `kerasvgg export` wrote; opening it failed: {why}") from error


def _by_onnx_runtime(path: Path, threads: int) -> Model:
    session = _session(path, threads)
    said = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    names = [one.name for one in session.get_outputs() if one.name in (OUTPUT, MAPS)]

    def rows(session: Any, pixels: np.ndarray) -> Rows:
        given = dict(zip(names, session.run(names, {INPUT: pixels}), strict=True))
        return Rows(given[OUTPUT], given.get(MAPS))

    run: Callable[[np.ndarray], Rows] = partial(rows, session)
    if threads > 1:
        run = _in_parts(run, partial(rows, _session(path, 1)), threads)
    return Model(_about(said, RUNTIMES[".onnx"], has_maps=MAPS in names), run)


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # pictures are decoded meanwhile
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _in_parts(
    together: Callable[[np.ndarray], Rows], alone: Callable[[np.ndarray], Rows], threads: int
) -> Callable[[np.ndarray], Rows]:
    """Returns what has all threads compute few pictures together, and of many each thread some by itself.

    Threads then wait for each other once, and not in every layer, and what they work on stays in their caches.
    """
    pool = ThreadPoolExecutor(threads, "part")

    def run(pixels: np.ndarray) -> Rows:
        if len(pixels) < 2 * threads:
            return together(pixels)
        count = threads * -(-len(pixels) // (PART * threads))
        found = list(pool.map(alone, np.array_split(pixels, count)))
        rows, maps = zip(*found, strict=True)
        return Rows(np.concatenate(rows), None if maps[0] is None else np.concatenate(maps))

    return run


def _rows_of(run: Callable[[np.ndarray], Any], one_by_one: bool) -> Callable[[np.ndarray], Rows]:
    def together(pixels: np.ndarray) -> Rows:
        return Rows(np.asarray(run(pixels)), None)

    def each(pixels: np.ndarray) -> Rows:
        return Rows(np.concatenate([np.asarray(run(one[None])) for one in pixels]), None)

    return each if one_by_one else together


def _about(said: dict[str, Any], engine: str, *, has_maps: bool = False) -> About:
    resizing = Resizing(tuple(said["image_size"]), said["interpolation"], said["fit"])
    thresholds = None if said["thresholds"] is None else tuple(said["thresholds"])
    names = tuple(said["class_names"])
    return About(names, resizing, said["channels"], thresholds, said["temperature"], engine, has_maps)
