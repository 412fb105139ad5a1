"""Features as a job: an experiment's frozen layers for any machine, and shards that its runs take over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from kerasvgg.cluster.ledger import FILE as LEDGER
from kerasvgg.cluster.worker import Result
from kerasvgg.config.experiment import Experiment
from kerasvgg.data.pictures.decode import Encoded
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.engines.choice import MEASURE_FROM, choose
from kerasvgg.engines.engine import Run
from kerasvgg.engines.ncnn import NcnnForward, instruction_set
from kerasvgg.engines.network import Network, network_of
from kerasvgg.errors import ConfigError
from kerasvgg.features.cache_key import cache_key
from kerasvgg.features.extractor import settings_of
from kerasvgg.features.shards import SUFFIX, ShardWriter
from kerasvgg.files.locations import cache
from kerasvgg.models.forward import BATCH, Forward
from kerasvgg.runs.classifier import classifier_of
from kerasvgg.runs.engines import first_decoded
from kerasvgg.settings import Engine


@dataclass(frozen=True)
class Layers:
    """Layers that can be sent anywhere: laid flat for ncnn, or as a .keras file for TensorFlow."""

    engine: Engine
    image_size: tuple[int, int]
    network: Network | None
    file: bytes

    @classmethod
    def of(cls, model: Any, engine: Engine) -> "Layers":
        """Takes those of a keras.Model."""
        height, width = model.inputs[0].shape[1:3]
        network = network_of(model) if engine == "ncnn" else None
        return cls(engine, (height, width), network, b"" if network else _saved(model))

    def open(self) -> Run:
        """Returns them as a function. Raises EngineError where ncnn fails."""
        if self.network:
            return NcnnForward(self.network)
        import keras

        with TemporaryDirectory() as folder:
            path = Path(folder) / "layers.keras"
            path.write_bytes(self.file)
            model = keras.saving.load_model(path, compile=False)
        return Forward(model, BATCH, "xla" if self.engine == "xla" else "graph")


@dataclass(frozen=True)
class FeatureTask:
    """Frozen layers, and the folder that their shards go to."""

    layers: Layers
    resizing: Resizing
    class_names: tuple[str, ...]
    dtype: str
    folder: Path
    about: dict[str, Any]

    def build(self) -> "Extracting":
        """Opens the layers. Raises EngineError, and ConfigError where the folder is not seen or pyarrow is missing."""
        if not (self.folder / LEDGER).is_file():
            raise ConfigError(f"`{self.folder}` must be a folder that every machine sees; a worker does not")
        return Extracting(self, self.layers.open())


class Extracting:
    """Features of pictures, in shards."""

    def __init__(self, task: FeatureTask, run: Run) -> None:
        self.resizing, self.class_names = task.resizing, task.class_names
        self._run = run
        self._writer = ShardWriter(task.folder, run.shape, task.dtype, task.about)

    def rows(self, images: np.ndarray) -> np.ndarray:
        """Returns float32 (n, ...)."""
        return self._run(images.astype(np.float32))

    def __call__(self, contents: Sequence[bytes], images: np.ndarray) -> list[Result]:
        """Returns what is in a shard now."""
        return self._writer.add(contents, self.rows(images))

    def flush(self) -> list[Result]:
        """Writes what is left."""
        return self._writer.flush()


def feature_task(
    experiment: Experiment,
    some: Iterator[Callable[[], Encoded]],
    threads: int,
    engine: Engine | None,
    folder: Path | None,
) -> FeatureTask:
    """Returns what computes the experiment's frozen layers, by the engine that is fastest on `some` of the pictures.

    Its folder is, where none is given, the one in the cache that the experiment's runs look for. Raises ConfigError for
    an experiment without frozen layers.
    """
    names = experiment.data.classes or ("0", "1")
    classifier = classifier_of(experiment, names)
    cut_model, about = classifier.cut_model, classifier.description
    if cut_model.root is None:
        raise ConfigError("the experiment must have frozen layers to compute features, received one that trains all")
    trunk = cut_model.before(cut_model.root)
    said = f"{about.base} at {about.image_size[0]} x {about.image_size[1]}, before {cut_model.root}"
    resizing = about.resizing
    taken = choose(trunk, said, lambda: first_decoded(some, resizing), MEASURE_FROM, engine)
    how = settings_of(about, taken, threads, experiment.feature_dtype)
    key = cache_key(trunk, **how)
    shown = {
        "instructions": instruction_set(),
        "base": about.base,
        "cut": cut_model.root,
        "image_size": about.image_size,
        "features": key,
        **how,
    }
    place = folder or cache() / "features" / f"{key}{SUFFIX}"
    taught = experiment.data.classes or ()
    layers = Layers.of(trunk, taken)
    return FeatureTask(layers, resizing, taught, experiment.feature_dtype, place.absolute(), shown)


def _saved(trunk: Any) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "layers.keras"
        trunk.save(path)
        return path.read_bytes()
