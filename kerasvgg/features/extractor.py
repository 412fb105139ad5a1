"""The feature extractor: what a model's frozen layers make of pictures, computed once and kept."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.augmentation.views import MirrorPairs
from kerasvgg.data.pictures.decode import DECODER_VERSION
from kerasvgg.data.pictures.loading import BadFiles, Pictures
from kerasvgg.engines.engine import Run, settings
from kerasvgg.engines.ncnn import ncnn_version
from kerasvgg.errors import KerasVGGError
from kerasvgg.features.cache_key import cache_key, threads
from kerasvgg.features.features import Batches, Computed, Features
from kerasvgg.features.parts import Parts
from kerasvgg.features.shards import take_over
from kerasvgg.features.store import Store
from kerasvgg.features.table import FeatureTable
from kerasvgg.modelfile.description import Description
from kerasvgg.models.forward import BATCH, Forward, MonteCarloDropout
from kerasvgg.models.freezing import CutModel
from kerasvgg.process.threads import in_threads
from kerasvgg.settings import Engine

Elsewhere = Callable[[Any, Engine, Pictures, Batches, BadFiles], Computed]  # layers, and what comes through them
AHEAD = 2  # batches that are decoded while the model computes
PROVEN = 8  # pictures that the whole model sees, to be held against its parts
TOLERANCE = 1e-4


class FeatureExtractor:
    """What the layers before a cut make of pictures: computed once per picture and kept in `folder`.

    Features at a later cut of the model are computed from those at its root. Without a `folder` they are kept in a
    temporary one until the end. Use it as a context. `parts` has them as functions, by the engine that is `forced`,
    or else the fastest. Where ncnn fails in between, EngineError is raised, and it is not asked again. What pictures
    make at the root may be computed `elsewhere`, in any order of the batches.
    """

    def __init__(
        self,
        cut_model: CutModel,
        description: Description,
        folder: Path | None = None,
        *,
        dtype: str = "float32",
        bad_files: BadFiles | None = None,
        forced: Engine | None = None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.cuts, self.root, self._model = cut_model.cuts, cut_model.root, cut_model
        self._description, self.dtype = description, dtype
        self.bad_files, self._elsewhere = bad_files or BadFiles(), elsewhere
        self._open = ExitStack()
        self._folder = folder or Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        height, width = description.image_size
        self.parts = Parts(cut_model, f"{description.base} at {height} x {width}", self.bad_files, forced)
        self._computed, self._seconds = 0, 0.0
        self._difference: float | None = None  # until it is looked for

    def __enter__(self) -> "FeatureExtractor":
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def features(self, pictures: Pictures, cut: str | None) -> Pictures:
        """Returns what stands for the pictures at the cut; the pictures themselves at None."""
        if cut is None or (isinstance(pictures, FeatureTable) and cut == self.root):
            return pictures
        started = time.monotonic()
        made = Features(
            pictures,
            self._store(cut, pictures),
            lambda batches: self._compute(pictures, cut, batches),
            f"batches through the frozen layers before {cut}",
        )
        if self.root in (None, cut):
            self._seconds += time.monotonic() - started
            self._computed += made.computed
        return made

    def missing(self, pictures: Pictures, cut: str) -> int:
        """Returns how many of the pictures have no features at the cut yet."""
        return len(self._store(cut, pictures).missing(pictures.keys))

    def trunk(self, cut: str, batch: int, pictures: Pictures) -> Run:
        """Returns the layers before the cut as a function, for pictures that are never the same twice."""
        return self.parts.run(None, cut, batch, pictures)

    def outputs(
        self, pictures: Pictures, passes: int | None = None, mirrored: bool = False
    ) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        """Yields the whole model's outputs by way of the features at the root: places of pictures, and their rows.

        There is one array of rows, or with `passes` so many, each drawn with dropout at work; then, if they are to be
        looked at `mirrored` too, as many for the mirror images.
        """
        source = self.features(MirrorPairs(pictures) if mirrored else pictures, self.root)
        rest = self._model.after(self.root)
        run = MonteCarloDropout(rest) if passes else Forward(rest, BATCH)
        for start in range(0, len(pictures), BATCH):
            features, places = self.bad_files.load(source, np.arange(start, min(start + BATCH, len(pictures))))
            views = [features]
            if mirrored and places.size:
                others, found = self.bad_files.load(source, places + len(pictures))
                both = np.isin(places + len(pictures), found)  # one may have gone bad in between
                places, views = places[both], [features[both], others]
            if places.size:
                yield places, [run(view) for view in views for _ in range(passes or 1)]

    def prove(self, pictures: Pictures) -> None:
        """Compares the whole model's outputs with those by way of the features, on the first pictures.

        Raises KerasVGGError for a difference above 1e-4: then what was trained is not what was saved. Features in
        float16 are rounded on request; for them the difference is only noted.
        """
        themselves = pictures.originals if isinstance(pictures, FeatureTable) else pictures
        if self.root is None or themselves is None:
            return
        self._difference = largest_difference(self.outputs(pictures), self._model.whole, themselves, self.bad_files)
        if self.dtype == "float32":
            require_near(self._difference)

    def facts(self) -> dict[str, Any]:
        """Returns what a run notes of its frozen layers; `seconds` and `computed` are those of the cut at the root.

        `largest_difference` is what `prove` found, None where it was not asked.
        """
        if self.root is None:
            return {}
        return {
            "cut": self.root,
            "engine": self.parts.engine,
            **({"ncnn": ncnn_version()} if self.parts.engine == "ncnn" else {}),
            "threads": threads(),
            "dtype": self.dtype,
            "computed": self._computed,
            "seconds": round(self._seconds, 1),
            "largest_difference": self._difference,
        }

    def _store(self, cut: str, pictures: Pictures) -> Store:
        trunk, about = self._model.before(cut), self._description
        engine = self.parts.engine_between(self._start(cut), cut, pictures)
        how = settings_of(about, engine, threads(), self.dtype)
        if engine != self.parts.engine:  # what it is computed from is another engine's
            how["from"] = settings(self.parts.settled(pictures), threads())
        if self.dtype == "float16" and cut != self.root:
            how["rounded_at"] = self.root
        name = cache_key(trunk, **how)
        shown = {"base": about.base, "cut": cut, "image_size": about.image_size, "preprocessing": about.preprocessing}
        store = Store(self._folder / f"{name}.sqlite", {**shown, **how, "shape": trunk.outputs[0].shape[1:]})
        self._open.callback(store.close)
        if cut == self.root:
            take_over(store, pictures.keys)
        return store

    def _start(self, cut: str) -> str | None:
        """Returns the cut from whose features those at `cut` are computed; None: from the pictures."""
        return None if cut == self.root else self.root

    def _compute(self, pictures: Pictures, cut: str, batches: Batches) -> Computed:
        if self._elsewhere and cut == self.root:
            engine = self.parts.engine_between(None, cut, pictures)
            yield from self._elsewhere(self._model.before(cut), engine, pictures, batches, self.bad_files)
            return
        source = self.features(pictures, self._start(cut))
        run = self.parts.run(self._start(cut), cut, BATCH, pictures)
        for x, places in in_threads(lambda places: self.bad_files.load(source, np.array(places)), batches, AHEAD):
            if places.size:
                yield places, run(x)


def settings_of(about: Description, engine: Engine, threads: int, dtype: str) -> dict[str, Any]:
    """Returns what features at the root depend on beside the layers, as JSON values."""
    decoder = f"{DECODER_VERSION}, Pillow {version('pillow')}"
    return {**about.resizing.settings, "decoder": decoder, **settings(engine, threads), "dtype": dtype}


def largest_difference(
    outputs: Iterator[tuple[np.ndarray, list[np.ndarray]]], whole: Any, pictures: Pictures, bad_files: BadFiles
) -> float:
    """Returns how far a part's outputs (see `FeatureExtractor.outputs`) are from the whole model's, for eight pictures.

    It is 0 where all of these pictures have gone bad meanwhile.
    """
    places, (trained,) = next(outputs, (np.empty(0, dtype=int), [np.empty(0)]))
    images, good = bad_files.load(pictures, places[:PROVEN])
    if not good.size:
        return 0.0
    trained, straight = trained[:PROVEN][np.isin(places[:PROVEN], good)], Forward(whole, PROVEN)(images)
    both_nan = np.isnan(straight) & np.isnan(trained)  # a training that diverged is another matter
    return float(np.abs(np.where(both_nan, 0, straight - trained)).max())


def require_near(difference: float) -> None:
    """Raises KerasVGGError for a difference above 1e-4: then what was trained is not what was saved."""
    if not difference <= TOLERANCE:
        raise KerasVGGError(
            "the saved model's probabilities must be those of the part that was trained, within "
            f"{TOLERANCE}; received a difference of {difference:.2g}"
        )
