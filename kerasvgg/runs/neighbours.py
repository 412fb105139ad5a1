"""Which training pictures lie nearest to a picture, by what goes into the last layer of a run's model."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from kerasvgg.config.load import load_experiments
from kerasvgg.data.pictures.decode import Encoded, decode
from kerasvgg.data.pictures.loading import BadFiles
from kerasvgg.data.pictures.sources import FilePictures
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.locations import cache
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.description import Description
from kerasvgg.models.forward import BATCH, Forward
from kerasvgg.models.freezing import HEAD, CutModel
from kerasvgg.models.heads import OUTPUT_LAYER
from kerasvgg.runs.pictures import RunPicture, training_pictures

MOST_COMPUTED = 400  # training pictures that are sent through VGG16 because of this
MOST_FROM_SCRATCH = 2_000  # and through a small network


class Neighbour(NamedTuple):
    """A training picture, and the cosine of the angle between its features and the picture's, 1 for the same."""

    picture: RunPicture
    likeness: float


class Neighbours:
    """The training pictures of a run and their features, which mostly are in the cache.

    Where more than a few hundred are not, as many of them, evenly taken, stand for all; `some` tells how many are
    compared.
    """

    def __init__(self, folder: RunFolder, model: Any, description: Description) -> None:
        self._folder, self._about = folder, description
        self._experiment = next(iter(load_experiments(folder.experiment).values()))
        layers = folder.read_layers() if folder.layers.is_file() else []
        trained = [row["layer"] for row in layers if row["trained_in"]] or [HEAD]
        self._cut_model = CutModel(model, [trained])

    @property
    def some(self) -> int:
        """How many training pictures are compared."""
        return len(self._compared[0])

    def nearest(self, picture: Encoded, count: int = 6) -> list[Neighbour]:
        """Returns the nearest training pictures, but not the picture itself. Raises DataError for one that is none."""
        pictures, vectors = self._compared
        pixels = decode(picture, *self._about.resizing)
        own = _unit(self._run(self._trunk(pixels[None].astype(np.float32))))[0]
        likeness = vectors @ own
        order = np.argsort(-likeness, kind="stable")[: count + 1]
        found = [Neighbour(pictures[place], float(likeness[place])) for place in order]
        return [one for one in found if one.picture.path != picture][:count]

    @cached_property
    def _compared(self) -> tuple[list[RunPicture], np.ndarray]:
        pictures = training_pictures(self._folder)
        root, bad_files = self._cut_model.root, BadFiles("skip")
        how: dict[str, Any] = {"dtype": self._experiment.feature_dtype, "forced": self._experiment.engine}
        with FeatureExtractor(
            self._cut_model, self._about, cache() / "features", bad_files=bad_files, **how
        ) as extractor:
            most = MOST_COMPUTED if root else MOST_FROM_SCRATCH
            if root is None or extractor.missing(self._files(pictures), root) > most:
                places = np.unique(np.linspace(0, len(pictures) - 1, min(most, len(pictures))).astype(int))
                pictures = [pictures[place] for place in places]
            source = extractor.features(self._files(pictures), root)
            vectors, good = [], []
            for start in range(0, len(pictures), BATCH):
                features, places = bad_files.load(source, np.arange(start, min(start + BATCH, len(pictures))))
                if places.size:
                    vectors.append(self._run(features.astype(np.float32)))
                    good += places.tolist()
        return [pictures[place] for place in good], _unit(np.concatenate(vectors))

    def _files(self, pictures: list[RunPicture]) -> FilePictures:
        paths, hashes = [one.path for one in pictures], [one.sha256 for one in pictures]
        return FilePictures(paths, [0] * len(paths), hashes, self._about.resizing)

    @cached_property
    def _trunk(self) -> Any:
        """What makes features at the cut of pixels."""
        return Forward(self._cut_model.before(self._cut_model.root)) if self._cut_model.root else lambda pixels: pixels

    @cached_property
    def _run(self) -> Any:
        """What makes vectors of features at the cut."""
        import keras

        whole, root = self._cut_model.whole, self._cut_model.root
        entry = whole.get_layer(root).input if root else whole.inputs[0]
        taken = whole.get_layer(OUTPUT_LAYER).input
        if entry is taken:  # the features are what goes into the last layer
            return lambda features: features
        return Forward(keras.Model(entry, taken))


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units: np.ndarray = vectors / np.where(lengths > 0, lengths, 1)
    return units
