"""The parts of a cut model as functions, all by one engine, which is not asked again once it has failed."""

from collections.abc import Callable

import numpy as np

from kerasvgg.data.pictures.loading import BadFiles, Pictures
from kerasvgg.engines.choice import agrees, choose, refuse
from kerasvgg.engines.engine import Run, runner
from kerasvgg.engines.ncnn import EngineError
from kerasvgg.features.table import FeatureTable
from kerasvgg.models.forward import BATCH
from kerasvgg.models.freezing import CutModel
from kerasvgg.settings import Engine

SOME = 16  # pictures, of which those that can be read are enough to measure engines with


class Parts:
    """The frozen parts of a model, which `name` says in words; `engine` may be set before the first use.

    Otherwise it is the one that is `forced`, or the fastest that agrees with TensorFlow.
    """

    def __init__(self, cut_model: CutModel, name: str, bad_files: BadFiles, forced: Engine | None = None) -> None:
        self.engine: Engine | None = None
        self._model, self._name = cut_model, f"{name}, before {cut_model.root}"
        self._bad_files, self._forced = bad_files, forced
        self._agrees: dict[str, bool] = {}  # whether ncnn has the layers of a part, by its name, and agrees

    def settled(self, pictures: Pictures) -> Engine:
        """Returns the one engine of this run: for few pictures nothing is measured."""
        if self.engine is None and isinstance(pictures, FeatureTable):
            self.engine = pictures.shards.about["mode"]
        if self.engine is None:
            trunk = self._model.before(self._model.root)
            self.engine = choose(trunk, self._name, lambda: self._some(pictures), len(pictures), self._forced)
            self._agrees[trunk.name] = True
        return self.engine

    def engine_between(self, start: str | None, cut: str, pictures: Pictures) -> Engine:
        """Returns the run's engine, or TensorFlow's graph for a part that ncnn has not all layers of.

        A part that ncnn was not chosen for is held against TensorFlow first. Raises EngineError where they differ.
        """
        engine, part = self.settled(pictures), self._model.before(cut, start)
        if engine != "ncnn":
            return engine
        if part.name not in self._agrees:
            found = agrees(part, part.name, lambda: self._some_at(start, pictures))
            if found and found.refused:
                error = EngineError(f"{part.name}: {found.refused['ncnn']}")
                self._refuse(error)
                raise error
            self._agrees[part.name] = found is not None
        return engine if self._agrees[part.name] else "graph"

    def run(self, start: str | None, cut: str, batch: int, pictures: Pictures) -> Run:
        """Returns the layers from the pictures, or from the cut `start`, to the cut; for `batch` see `Forward`."""
        engine = self.engine_between(start, cut, pictures)
        try:
            return _Watched(runner(self._model.before(cut, start), batch, engine), self._refuse)
        except EngineError as error:
            self._refuse(error)
            raise

    def _some(self, pictures: Pictures) -> np.ndarray:
        return self._bad_files.load(pictures, np.arange(min(SOME, len(pictures))))[0]

    def _some_at(self, start: str | None, pictures: Pictures) -> np.ndarray:
        if isinstance(pictures, FeatureTable):  # which are there already
            return pictures.load(np.arange(min(SOME, len(pictures)))).astype(np.float32)
        some = self._some(pictures)
        return runner(self._model.before(start), BATCH, "graph")(some[:BATCH]) if start and len(some) else some

    def _refuse(self, error: EngineError) -> None:
        refuse(self._model.before(self._model.root), self._name, str(error))


class _Watched:
    """A run that tells of its failure before it raises it."""

    def __init__(self, run: Run, tell: Callable[[EngineError], None]) -> None:
        self.shape, self._run, self._tell = run.shape, run, tell

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns what the run does."""
        try:
            return self._run(x)
        except EngineError as error:
            self._tell(error)
            raise
