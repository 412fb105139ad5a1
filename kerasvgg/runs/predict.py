"""A model's predictions: for pictures as they come, and for part of a split by way of the features."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import decode
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.sources import require_known
from kerasvgg.engines.choice import MEASURE_FROM, choose, refuse
from kerasvgg.engines.engine import Engine, Run, runner
from kerasvgg.engines.ncnn import EngineError, NcnnForward
from kerasvgg.engines.saved import SavedModel
from kerasvgg.engines.saved import learn as learn_file
from kerasvgg.errors import DataError, ModelFileError
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.thresholds import called, chosen
from kerasvgg.files.text import printable
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.forward import BATCH, Forward, class_probabilities, flip_average
from kerasvgg.models.heads import with_features
from kerasvgg.process.progress import warn
from kerasvgg.process.threads import in_threads

SOME = 8  # pictures
AHEAD = 2 * BATCH  # pictures that are decoded while the model computes
Refused = list[tuple[Path, str]]
Item = tuple[Path, str]
Seen = tuple[np.ndarray, float | None]  # probabilities, and the distance where it is asked for


def predict(
    model: Any,
    description: Description,
    paths: Iterable[Item],
    refused: Refused | None = None,
    *,
    unknown: bool = False,
    engine: Engine | None = None,
) -> Iterator[Prediction]:
    """Returns an iterator over a prediction for each (path, true class or ""), in order.

    `model` is a keras.Model, or a SavedModel that goes without TensorFlow. Pictures are decoded while it computes, by
    `engine` or what is fastest. One that can't be decoded raises DataError or, with a list `refused`, is noted there
    and passed over. `unknown` asks for distances; ModelFileError says that there are none.
    """
    see = _Seeing(model, description, unknown, engine)
    ahead = list(islice(paths := iter(paths), MEASURE_FROM))
    see.pictures = len(ahead)  # at least
    return _predictions(see, description, chain(ahead, paths), refused)


def _predictions(
    see: "_Seeing", description: Description, paths: Iterable[Item], refused: Refused | None
) -> Iterator[Prediction]:
    taken: deque[Item] = deque()
    for images in _batches(description, paths, refused, taken):
        for seen in see(images):
            path, true = taken.popleft()
            yield _prediction(str(path), true, description, *seen)


class _Seeing:
    """Makes of pictures (n, height, width, 3) the probabilities of each and, if asked, its distance.

    The engine is chosen by the first pictures, for so many as there are `pictures`.
    """

    pictures = 0

    def __init__(self, model: Any, description: Description, unknown: bool, engine: Engine | None) -> None:
        self._novelty = description.novelty if unknown else None
        if unknown and self._novelty is None:
            raise ModelFileError(
                "the model must hold what its training pictures look like to tell what is unknown, as one that `auto` "
                "has chosen does; received one without"
            )
        self._model, self._about, self._forced = model, description, engine
        self._run: Run | None = None

    def __call__(self, images: np.ndarray) -> Iterator[Seen]:
        outputs = (flip_average(self._outputs) if self._about.test_time_flip else self._outputs)(images)
        if self._novelty is None:
            return iter([(row, None) for row in class_probabilities(outputs)])
        features, outputs = np.split(outputs, [self._novelty.features], axis=1)
        distances = self._novelty.distances(features) / self._novelty.threshold
        return zip(class_probabilities(outputs), distances.tolist(), strict=True)

    def _outputs(self, images: np.ndarray) -> np.ndarray:
        self._run = self._run or self._chosen(images)
        try:
            return self._run(images)
        except EngineError as error:
            if self._forced:
                raise
            warn(f"ncnn failed: {error}. TensorFlow goes on")
            if isinstance(self._model, SavedModel):
                self._model.refuse(str(error))
                self._model = open_model(self._model.path).model
            refuse(self._model, name_of(self._about), str(error))
        self._run = Forward(self._with_features(self._model))
        return self._run(images)

    def _chosen(self, images: np.ndarray) -> Run:
        if isinstance(self._model, SavedModel):
            network = self._model.network
            return NcnnForward(network.with_features() if self._novelty else network)
        engine = choose(self._model, name_of(self._about), lambda: images, self.pictures, self._forced)
        return runner(self._with_features(self._model), None, engine)

    def _with_features(self, model: Any) -> Any:
        return with_features(model, self._novelty.features) if self._novelty else model


def learn(path: Path, model: Any, description: Description, paths: Sequence[Path]) -> None:
    """Finds out by a few of the pictures whether the file of this model can go without TensorFlow the next time."""

    def some() -> np.ndarray:
        images = [image for one in paths[:SOME] if (image := _decoded(one, description)) is not None]
        return np.stack(images) if images else np.empty(0)

    learn_file(path, model, name_of(description), some)


def _decoded(path: Path, description: Description) -> np.ndarray | None:
    try:
        return decode(path, *description.resizing)
    except DataError:  # it was told before
        return None


def name_of(about: Description) -> str:
    """Returns what a model is called where its engine is spoken of."""
    return f"{about.base} at {about.image_size[0]} x {about.image_size[1]}, whole"


def _prediction(path: str, true: str, about: Description, row: np.ndarray, distance: float | None = None) -> Prediction:
    return Prediction(path, true, called(row, about.class_names, about.thresholds), tuple(map(float, row)), distance)


def predict_any(
    model: Any, description: Description, pictures: Any, unknown: bool = False, engine: Engine | None = None
) -> list[Prediction]:
    """Returns predictions for a picture's file, a folder, several files, or an array (n, height, width, 3), 0..255.

    In a folder what is no picture is passed over. Raises DataError elsewhere, and for an array of another size.
    """
    if isinstance(pictures, np.ndarray):
        return predict_array(model, description, pictures, unknown=unknown, engine=engine)
    if isinstance(pictures, str | PathLike):
        path = Path(pictures)
        if path.is_dir():
            found = ((one, "") for one in pictures_below(path)[0])
            return list(predict(model, description, found, [], unknown=unknown, engine=engine))
        return list(predict(model, description, [(path, "")], unknown=unknown, engine=engine))
    if not isinstance(pictures, Iterable):
        received = type(pictures).__name__
        raise DataError(f"`pictures` must be a file, a folder, several files or an array, received {received}")
    return list(predict(model, description, ((Path(one), "") for one in pictures), unknown=unknown, engine=engine))


def predict_array(
    model: Any,
    description: Description,
    images: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    unknown: bool = False,
    engine: Engine | None = None,
) -> list[Prediction]:
    """Returns predictions for pictures (n, height, width, 3), 0..255; `labels` (n,) are their true class numbers."""
    names, wanted = description.class_names, (*description.image_size, 3)
    if images.shape[1:] != wanted:
        raise DataError(f"`pictures` must have the shape (n, {', '.join(map(str, wanted))}), received {images.shape}")
    if labels is not None:
        require_known(labels, len(names))
    see = _Seeing(model, description, unknown, engine)
    see.pictures = len(images)
    true = [""] * len(images) if labels is None else [names[int(label)] for label in labels]
    starts = range(0, len(images), BATCH)
    rows = (seen for start in starts for seen in see(images[start : start + BATCH].astype(np.float32)))
    return [_prediction(f"number {i}", true[i], description, *seen) for i, seen in enumerate(rows)]


def _batches(
    description: Description, paths: Iterable[Item], refused: Refused | None, taken: deque[Item]
) -> Iterator[np.ndarray]:
    def read(item: Item) -> tuple[Item, np.ndarray | DataError]:
        try:
            return item, decode(item[0], *description.resizing)
        except DataError as error:
            return item, error

    images: list[np.ndarray] = []
    for item, image in in_threads(read, paths, AHEAD):
        if isinstance(image, DataError):
            _refuse(item[0], image, refused)
            continue
        images.append(image)
        taken.append(item)
        if len(images) == BATCH:
            yield np.stack(images)
            images.clear()
    if images:
        yield np.stack(images)


def _refuse(path: Path, error: DataError, refused: Refused | None) -> None:
    if refused is None:
        raise error
    refused.append((path, str(error)))


class SplitPredictions(NamedTuple):
    """A prediction for each picture that could be read; `accuracies` of each pass with dropout, if there were such."""

    predictions: list[Prediction]
    accuracies: list[float]


class Outputs(Protocol):
    """What makes outputs of pictures, as a `FeatureExtractor` does."""

    def outputs(
        self, pictures: Pictures, passes: int | None = None, mirrored: bool = False
    ) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        """Yields places of pictures, and their rows."""
        ...


def predict_split(
    extractor: Outputs,
    pictures: Pictures,
    listed: tuple[Picture, ...],
    description: Description,
    *,
    passes: int | None = None,
    mirrored: bool = False,
) -> SplitPredictions:
    """Predicts pictures that are `listed`, each once, as a model so described calls them.

    With `passes`, dropout stays at work: each picture is scored so many times and predicted by the mean. `mirrored`
    takes the mean of each picture and its mirror image.
    """
    predictions, hits = [], []
    for places, outputs in extractor.outputs(pictures, passes, mirrored):
        drawn = np.stack([class_probabilities(rows) for rows in outputs])
        hit = chosen(drawn, description.thresholds) == pictures.labels[places]
        hits.append(hit.all(axis=2) if hit.ndim == 3 else hit)
        for place, row in zip(places, drawn.mean(axis=0), strict=True):
            predictions.append(_prediction(printable(listed[place].path), listed[place].label, description, row))
    accuracies = np.concatenate(hits, axis=1).mean(axis=1).tolist() if passes and hits else []
    return SplitPredictions(predictions, accuracies)
