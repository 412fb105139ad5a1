"""Which engine computes a network: the fastest here of those that agree with TensorFlow, measured once."""

import hashlib
import itertools
import time
from collections.abc import Callable, Container, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kerasvgg.engines.engine import Run, runner
from kerasvgg.engines.memory import Measured, recall, remember
from kerasvgg.engines.ncnn import EngineError, NcnnForward, ncnn_version
from kerasvgg.engines.network import Network
from kerasvgg.engines.plan import planned
from kerasvgg.engines.trial import trouble
from kerasvgg.errors import ConfigError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.models.forward import Forward
from kerasvgg.models.walk import walk
from kerasvgg.process.progress import say, warn
from kerasvgg.settings import Engine

BATCH = 8  # pictures that are measured with
ROUNDS = 3
MEASURE_FROM = 256  # pictures; with fewer, measuring takes longer than it saves
FEATURES_AGREE = 1e-5  # relative L2 difference
PROBABILITIES_AGREE = 1e-4  # absolute: those of a sure classifier differ by more than what they are made of
Images = Callable[[], np.ndarray]


class Candidate:
    """A model, what it is called in words, and what can be told of it without running it."""

    def __init__(self, model: Any, name: str) -> None:
        self.model, self.name, self.network = model, name, planned(model)
        self.key = self.network.fingerprint if self.network else _key_of_others(model)

    @property
    def gives_probabilities(self) -> bool:
        """Tells whether its last layer is one of probabilities."""
        activation = getattr(self.model.layers[-1], "activation", None)
        return getattr(activation, "__name__", "") in ("sigmoid", "softmax")


def choose(model: Any, name: str, images: Images, pictures: int, forced: Engine | None = None) -> Engine:
    """Returns the engine for so many pictures: the one that is `forced`, the remembered one, or the fastest.

    For few pictures nothing is measured. `images` gives some real ones (n, ...), float or uint8, of which eight are
    measured with. Raises ConfigError for a forced engine that can't compute the model, or differs from TensorFlow.
    """
    candidate = Candidate(model, name)
    if forced:
        return _forced(candidate, images, forced)
    if known := recall(candidate.key):
        return known.engine
    if pictures < MEASURE_FROM:
        return "graph"
    batch = _batch(images)
    if batch is None:
        return "graph"
    found = measured(candidate, batch)
    remember(candidate.key, found)
    _tell(found)
    return found.engine


def measured(candidate: Candidate, batch: np.ndarray) -> Measured:
    """Times all engines in turns on a batch, and returns the fastest of those that agree with TensorFlow's graph.

    For VGG16 at 150 x 150 on two cores this takes about eight seconds.
    """
    runs: dict[Engine, Run] = {"graph": Forward(candidate.model, BATCH)}
    runs["graph"](batch)  # each has seen it once before it is timed
    differences: dict[str, float] = {}
    refused: dict[str, str] = {}
    others: tuple[Engine, ...] = ("xla", "ncnn") if candidate.network else ("xla",)
    for engine in others:  # what ncnn has no layers for stays with TensorFlow without a word
        run, difference, reason = checked(candidate, engine, batch)
        if difference is not None:
            differences[engine] = difference
        if reason:
            refused[engine] = reason
        elif run:
            runs[engine] = run
    rates: dict[str, float] = {engine: BATCH / seconds for engine, seconds in _timed(runs, batch).items()}
    best = max(runs, key=lambda engine: rates[engine])
    return Measured(candidate.name, best, rates, differences, refused)


def checked(candidate: Candidate, engine: Engine, batch: np.ndarray) -> tuple[Run | None, float | None, str]:
    """Returns the model by an engine, how far its results are from TensorFlow's, and why it is refused, or ""."""
    try:
        if engine == "ncnn":
            _require_ncnn(candidate.network, batch[0])
        run = runner(candidate.model, BATCH, engine)
        features, probabilities = _differences(candidate, run, batch)
    except Exception as error:  # a broken installation raises whatever it happens to
        return None, None, str(error) or type(error).__name__
    for difference, allowed in ((features, FEATURES_AGREE), (probabilities, PROBABILITIES_AGREE)):
        if not difference <= allowed:
            return run, difference, f"its results differ by {difference:.1g} from TensorFlow's, {allowed:g} is allowed"
    return run, max(features, probabilities), ""


def refuse(model: Any, name: str, reason: str) -> None:
    """Remembers that ncnn has failed with the model, which it is not asked for again."""
    candidate = Candidate(model, name)
    known = recall(candidate.key) or Measured(name, "graph")
    remember(candidate.key, replace(known, engine="graph", refused={**known.refused, "ncnn": reason}))


def agrees(model: Any, name: str, images: Images) -> Measured | None:
    """Holds ncnn against TensorFlow on some pictures, without timing it; None for what ncnn has no layers for."""
    candidate, batch = Candidate(model, name), _batch(images)
    if not candidate.network or batch is None:
        return None
    _, difference, reason = checked(candidate, "ncnn", batch)
    differences = {} if difference is None else {"ncnn": difference}
    return Measured(name, "graph" if reason else "ncnn", {}, differences, {"ncnn": reason} if reason else {})


def _forced(candidate: Candidate, images: Images, engine: Engine) -> Engine:
    batch = _batch(images)
    if engine == "graph":
        return engine
    reason = f"it has not all layers of {candidate.name}"
    if engine != "ncnn" or candidate.network:
        _, _, reason = checked(candidate, engine, batch) if batch is not None else (None, None, "")
    if reason:
        raise ConfigError(f"`engine` must be one that can compute {candidate.name} here, received {engine}: {reason}")
    return engine


def _batch(images: Images) -> np.ndarray | None:
    """Returns eight pictures, some of them repeated where there are fewer; None where there are none."""
    some = images()
    return np.resize(some[:BATCH], (BATCH, *some.shape[1:])).astype(np.float32) if len(some) else None


def _require_ncnn(network: Network | None, picture: np.ndarray) -> None:
    if ncnn_version() is None:
        raise EngineError("it is not installed: `pip install ncnn` gets it")
    if network and (reason := trouble(network, picture)):
        raise EngineError(reason)


def _differences(candidate: Candidate, run: Run, batch: np.ndarray) -> tuple[float, float]:
    """Returns how far features are from TensorFlow's, relatively, and probabilities, at most."""
    maps = run.maps(batch) if isinstance(run, NcnnForward) else {}
    outputs, (expected, theirs) = run(batch), _by_tensorflow(candidate.model, batch, maps)
    pairs = [(maps[number], one) for number, one in theirs.items()]
    if candidate.gives_probabilities:
        return max((_relative(*pair) for pair in pairs), default=0.0), float(np.abs(outputs - expected).max())
    return max(_relative(*pair) for pair in [*pairs, (outputs, expected)]), 0.0


def _relative(found: np.ndarray, expected: np.ndarray) -> float:
    difference = np.linalg.norm((found.astype(np.float64) - expected).ravel())
    return float(difference / np.linalg.norm(expected.astype(np.float64).ravel())) if difference else 0.0


def _by_tensorflow(model: Any, batch: np.ndarray, numbers: Container[int]) -> tuple[np.ndarray, dict[int, np.ndarray]]:
    """Returns what the model makes of a batch, and its layers of these numbers, in the order of computing.

    They run one by one, which takes less time than to make a graph of them for a single batch.
    """
    import tensorflow as tf

    found: dict[int, np.ndarray] = {}
    count = itertools.count()

    def visit(_path: str, layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        made, number = layer(*args, **kwargs), next(count)
        if number in numbers:
            found[number] = np.asarray(made)
        return made

    made = walk(model, [tf.convert_to_tensor(batch)], visit)
    return np.asarray(made), found


def _timed(runs: Mapping[Engine, Run], batch: np.ndarray) -> dict[Engine, float]:
    """Returns the least seconds that each takes for the batch, in turns."""
    seconds: dict[Engine, list[float]] = {engine: [] for engine in runs}
    for _ in range(ROUNDS):
        for engine, run in runs.items():
            started = time.perf_counter()
            run(batch)
            seconds[engine].append(time.perf_counter() - started)
    return {engine: min(each) for engine, each in seconds.items()}


def _key_of_others(model: Any) -> str:
    arrays = fingerprint(np.asarray(weight) for weight in model.weights)
    return hashlib.sha256(f"{model.to_json()}{arrays}".encode()).hexdigest()


def _tell(found: Measured) -> None:
    for engine, reason in found.refused.items():
        warn(f"{engine} is not taken for {found.network}: {reason}")
    rates = ", ".join(f"{engine} {rate:.3g}" for engine, rate in sorted(found.rates.items(), key=lambda one: -one[1]))
    say(f"{found.network}: {found.engine} is the fastest here; pictures a second: {rates}")
