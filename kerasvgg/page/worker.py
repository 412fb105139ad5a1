"""The process beside the server that has TensorFlow: what it is asked to see, one thing after another.

The server never waits for it in its own thread, and begins another one where it dies.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasvgg.errors import ConfigError, KerasVGGError
from kerasvgg.process.children import begin, end, settle
from kerasvgg.process.progress import LOGGER

if TYPE_CHECKING:
    from kerasvgg.modelfile.description import Description
    from kerasvgg.runs.neighbours import Neighbours

MOST_MODELS = 2  # that are open at a time
SIDE = 448  # pixels of a picture that is looked at
CHANNELS, TILE = 16, 112  # of a layer that are shown, and their pixels
SURE = 0.8  # below this probability a prediction is unsure
NEIGHBOURS = 6


class Worker:
    """A process that answers questions about runs; it begins with the first one."""

    def __init__(self) -> None:
        self._turn, self._is_closed = threading.Lock(), False
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None

    def ask(self, what: str, *words: Any) -> Any:
        """Returns the answer, once those who asked before have theirs; to be called in a thread.

        Raises KerasVGGError with what the process says where it can't, and where it ends.
        """
        with self._turn:
            if self._is_closed:
                raise KerasVGGError("the server ends")
            if self._process is None or not self._process.is_alive() or self._connection is None:
                self._connection, theirs = Pipe()
                self._process = begin(_work, [theirs])
                theirs.close()
            try:
                self._connection.send((what, words))
                is_good, answer = self._connection.recv()
            except (EOFError, OSError) as error:
                self._end()
                raise KerasVGGError("the process that computes ended, perhaps for lack of memory: try again") from error
        if not is_good:
            raise ConfigError(answer)
        return answer

    def close(self) -> None:
        """Ends the process for good; who waits for an answer is told."""
        self._is_closed = True
        self._end()

    def _end(self) -> None:
        if self._process is not None:
            end([self._process])
        self._process = self._connection = None


@dataclass
class _Opened:
    """A run whose model is open."""

    path: Path
    model: Any
    description: "Description"

    @cached_property
    def neighbours(self) -> "Neighbours":
        from kerasvgg.files.run_folder import RunFolder
        from kerasvgg.runs.neighbours import Neighbours

        return Neighbours(RunFolder(self.path), self.model, self.description)


def _work(connection: Connection) -> None:
    settle(0)
    opened: OrderedDict[tuple[str, float], _Opened] = OrderedDict()
    while True:
        try:
            what, words = connection.recv()
        except EOFError:
            return
        try:
            connection.send((True, DOES[what](_open(opened, words[0]), *words[1:])))
        except (KerasVGGError, OSError, MemoryError) as error:
            connection.send((False, str(error) or "out of memory"))
        except Exception as error:  # a mistake of ours, which is no reason to leave the page without answers
            LOGGER.exception("%s", what)
            connection.send((False, f"{what} failed: {error!r}"))


def _open(opened: "OrderedDict[tuple[str, float], _Opened]", path: str) -> _Opened:
    from kerasvgg.files.run_folder import RunFolder
    from kerasvgg.modelfile.open.open import open_model

    file = RunFolder(Path(path)).model_keras
    key = path, file.stat().st_mtime
    if key not in opened:
        found = open_model(file)
        if found.description is None:
            raise ConfigError(f"`{file}` must be a model that kerasvgg wrote")
        opened[key] = _Opened(Path(path), found.model, found.description)
        while len(opened) > MOST_MODELS:
            opened.popitem(last=False)
    opened.move_to_end(key)
    return opened[key]


def _predict(run: _Opened, name: str, content: bytes) -> dict[str, Any]:
    """Returns what a picture is said to be, how sure that is, whether it is like the training's, and the heat of it."""
    from kerasvgg.data.pictures.decode import Content
    from kerasvgg.runs.predict import predict

    about, picture = run.description, Content(name, content)
    (said,) = predict(run.model, about, [(picture, "")], unknown=about.novelty is not None, engine="graph")
    shares = said.probabilities
    return {
        "predicted": said.predicted,
        "probabilities": dict(zip(about.class_names, shares, strict=True)),
        "unsure": about.thresholds is None and max(shares) < SURE,
        "unknown": said.is_unknown,
        "picture": _jpeg(_seen(run, picture)),
        "heat": _heat_of(run, picture, _likeliest(run, said.predicted, shares)),
    }


def _heat(run: _Opened, path: Path, class_name: str) -> bytes:
    """Returns the picture with the heat of a class, as JPEG."""
    return _heat_of(run, path, list(run.description.class_names).index(class_name))


def _heat_of(run: _Opened, picture: Any, number: int) -> bytes:
    import numpy as np

    from kerasvgg.data.pictures.decode import decode
    from kerasvgg.runs.worst import with_heat
    from kerasvgg.visualise.class_maps import class_maps

    pixels = decode(picture, *run.description.resizing).astype(np.float32)
    return _jpeg(with_heat(_seen(run, picture), class_maps(run.model, pixels, [number]).maps[0]))


def _layers(run: _Opened) -> list[str]:
    """Returns the paths of the layers that make feature maps."""
    from kerasvgg.visualise.layers import layers_by_path

    return [path for path, layer in layers_by_path(run.model).items() if len(getattr(layer.output, "shape", ())) == 4]


def _activations(run: _Opened, path: Path, layer: str) -> bytes:
    """Returns the most active channels of a layer side by side, as JPEG."""
    import numpy as np
    from PIL import Image

    from kerasvgg.data.pictures.decode import decode
    from kerasvgg.plots.activations import coloured, most_active
    from kerasvgg.visualise.record import record

    pixels = decode(path, *run.description.resizing).astype(np.float32)
    maps = np.asarray(record(run.model, pixels[None], until=layer).outputs[layer], dtype=np.float32)[0]
    tiles = []
    for channel in most_active(maps, CHANNELS):
        one = maps[..., channel]
        spread = float(one.max() - one.min()) or 1.0
        small = Image.fromarray(((one - one.min()) / spread).astype(np.float32))
        tiles.append(coloured(np.asarray(small.resize((TILE, TILE), Image.Resampling.NEAREST))))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % 4)
    rows = [np.concatenate(tiles[start : start + 4], axis=1) for start in range(0, len(tiles), 4)]
    return _jpeg((255 * np.concatenate(rows)).round().astype(np.uint8))


def _nearest(run: _Opened, path: Path) -> dict[str, Any]:
    """Returns the nearest training pictures by name, and among how many they were looked for."""
    found = run.neighbours.nearest(path, NEIGHBOURS)
    return {"of": run.neighbours.some, "found": [(one.picture.name, one.picture.label, one.likeness) for one in found]}


DOES: dict[str, Callable[..., Any]] = {
    "predict": _predict,
    "heat": _heat,
    "layers": _layers,
    "activations": _activations,
    "nearest": _nearest,
}


def _likeliest(run: _Opened, predicted: str, shares: tuple[float, ...]) -> int:
    names = list(run.description.class_names)
    return names.index(predicted) if predicted in names else max(range(len(shares)), key=shares.__getitem__)


def _seen(run: _Opened, picture: Any) -> Any:
    from kerasvgg.data.pictures.decode import decode

    height, width = run.description.image_size
    scale = SIDE / max(height, width)
    return decode(picture, (round(height * scale), round(width * scale)), fit=run.description.fit)


def _jpeg(pixels: Any) -> bytes:
    from kerasvgg.report.worst import jpeg

    return jpeg(pixels, 4 * SIDE)
