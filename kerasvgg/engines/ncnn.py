"""A network by ncnn, whose Winograd convolutions need a fraction of the multiplications of direct ones.

Each picture is computed by itself in one thread, several of them at a time, so that what comes out for a picture does
not depend on what else is there, not even in the last bit. Source of the algorithm: Lavin and Gray, Fast Algorithms
for Convolutional Neural Networks (2016).
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kerasvgg.engines.network import PICTURES, Network
from kerasvgg.engines.plan import Plan, blob, plan
from kerasvgg.errors import KerasVGGError
from kerasvgg.process.threads import one_thread_each, processors

ROUNDED = ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_packed", "use_bf16_storage")
PARAM, WEIGHTS = "net.param", "net.bin"


class EngineError(KerasVGGError):
    """An engine could not compute what it was asked for."""


def ncnn_version() -> str | None:
    """Returns the version of ncnn, None where it is not installed."""
    try:
        return version("ncnn")
    except PackageNotFoundError:
        return None


def instruction_set() -> str:
    """Returns a short name of all that this processor can do, on which ncnn's kernels, and so the last bits, depend."""
    from numpy._core._multiarray_umath import __cpu_features__ as features  # the only list that all platforms have

    return hashlib.sha256(" ".join(sorted(name for name, there in features.items() if there)).encode()).hexdigest()[:8]


class NcnnForward:
    """A network's float32 outputs for batches of any size, like `Forward`. Raises EngineError where ncnn fails."""

    def __init__(self, network: Network) -> None:
        self._plan = plan(network)
        self._pool = ThreadPoolExecutor(processors())
        with one_thread_each(), _as_engine_error():
            self._net = _loaded(self._plan) if self._plan.taps else None
            self.shape = self._outputs(np.zeros((1, *network.shape), dtype=np.float32)).shape[1:]

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns the outputs for `x`, of any number type."""
        with one_thread_each(), _as_engine_error():
            return self._outputs(np.asarray(x, dtype=np.float32)) if len(x) else np.empty((0, *self.shape), np.float32)

    def maps(self, x: np.ndarray) -> dict[int, np.ndarray]:
        """Returns what ncnn itself makes of the pictures: float32 (n, height, width, channels) by a layer's number."""
        return dict(zip(self._plan.numbers, self._maps(np.asarray(x, dtype=np.float32)).values(), strict=True))

    def _outputs(self, x: np.ndarray) -> np.ndarray:
        values = {PICTURES: x, **self._maps(x)}
        for place, (compute, inputs) in self._plan.rest.items():
            values[place] = compute([values[one] for one in inputs])
        outputs = [values[one] for one in self._plan.outputs]
        return np.asarray(outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=1), dtype=np.float32)

    def _maps(self, x: np.ndarray) -> dict[int, np.ndarray]:
        """Returns the feature maps at each tap, several pictures at a time."""
        if not self._net:
            return {}
        found = list(self._pool.map(lambda one: extracted(self._net, one, self._plan.taps), x))
        return {tap: np.stack([maps[tap] for maps in found]) for tap in self._plan.taps}


@contextmanager
def _as_engine_error() -> Iterator[None]:
    """Raises EngineError for whatever a broken installation raises."""
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        raise EngineError(str(error) or type(error).__name__) from error


def _loaded(plan_: Plan) -> Any:
    with TemporaryDirectory() as folder:  # its ways of reading from memory do not copy what they are given
        write_files(plan_, Path(folder))
        return load(Path(folder))


def write_files(plan_: Plan, folder: Path) -> None:
    """Writes ncnn's two files."""
    (folder / PARAM).write_text(plan_.text, encoding="ascii")
    (folder / WEIGHTS).write_bytes(plan_.weights)


def load(folder: Path) -> Any:
    """Returns ncnn's network of the two files, in full precision and one thread a picture."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    for name in ROUNDED:
        setattr(net.opt, name, False)
    if net.load_param(os.fspath(folder / PARAM)) or net.load_model(os.fspath(folder / WEIGHTS)):
        raise EngineError("ncnn does not take the network")
    return net


def extracted(net: Any, picture: np.ndarray, taps: Sequence[int]) -> dict[int, np.ndarray]:
    """Returns the taps' feature maps of one picture, each (height, width, channels), in one pass."""
    import ncnn

    channels_first = np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32)
    maps = {}
    with net.create_extractor() as extractor:
        # A Mat of an array only looks at it: at memory that may go, that layers in place would write to, and that is
        # not aligned as they expect it.
        extractor.input(blob(PICTURES), ncnn.Mat(channels_first).clone())
        for tap in taps:  # the first one first: what has been taken is then not computed again
            failed, found = extractor.extract(blob(tap))
            if failed:
                raise EngineError(f"ncnn failed with status {failed}")
            maps[tap] = np.ascontiguousarray(np.array(found).transpose(1, 2, 0))
    return maps
