"""A model's predictions: for pictures as they come, and for part of a split by way of the features."""

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from kerasvgg.data.folder.scan import pictures_below
from kerasvgg.data.picture import Picture
from kerasvgg.data.pictures.decode import Encoded, decode
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.sources import require_known
from kerasvgg.data.streams.records import Record
from kerasvgg.engines.choice import MEASURE_FROM
from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.evaluation.thresholds import called, chosen
from kerasvgg.files.text import printable
from kerasvgg.modelfile.description import Description
from kerasvgg.models.forward import BATCH, class_probabilities
from kerasvgg.process.threads import in_threads
from kerasvgg.runs.inference import Inference
from kerasvgg.settings import Engine

AHEAD = 2 * BATCH  # pictures that are decoded while the model computes
Refused = list[tuple[str, str]]
Item = tuple[Encoded | Record, str]


def predict(
    model: Any,
    description: Description,
    paths: Iterable[Item],
    refused: Refused | None = None,
    *,
    unknown: bool = False,
    engine: Engine | None = None,
) -> Iterator[Prediction]:
    """Returns an iterator over a prediction for each (picture, true class or ""), in order.

    `model` is a keras.Model, or a SavedModel that goes without TensorFlow. Pictures are files, contents, or records of
    a stream; they are decoded while it computes, by `engine` or what is fastest. One that can't be decoded raises
    DataError or, with a list `refused`, is noted there by name and passed over. `unknown` asks for distances;
    ModelFileError says that there are none.
    """
    see = Inference(model, description, unknown, engine)
    ahead = list(islice(paths := iter(paths), MEASURE_FROM))
    see.pictures = len(ahead)  # at least
    return _predictions(see, description, chain(ahead, paths), refused)


def _predictions(
    see: Inference, description: Description, paths: Iterable[Item], refused: Refused | None
) -> Iterator[Prediction]:
    taken: deque[tuple[str, str]] = deque()
    for images in _batches(description, paths, refused, taken):
        for seen in see(images):
            yield _prediction(*taken.popleft(), description, *seen)


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
    see = Inference(model, description, unknown, engine)
    see.pictures = len(images)
    true = [""] * len(images) if labels is None else [names[int(label)] for label in labels]
    starts = range(0, len(images), BATCH)
    rows = (seen for start in starts for seen in see(images[start : start + BATCH].astype(np.float32)))
    return [_prediction(f"number {i}", true[i], description, *seen) for i, seen in enumerate(rows)]


def _batches(
    description: Description, paths: Iterable[Item], refused: Refused | None, taken: deque[tuple[str, str]]
) -> Iterator[np.ndarray]:
    def read(item: Item) -> tuple[tuple[str, str], np.ndarray | DataError]:
        given, true = item
        name = given.address if isinstance(given, Record) else str(given)
        try:
            encoded = given.load() if isinstance(given, Record) else given
            return (name, true), decode(encoded, *description.resizing)
        except DataError as error:
            return (name, true), error

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


def _refuse(name: str, error: DataError, refused: Refused | None) -> None:
    if refused is None:
        raise error
    refused.append((name, str(error)))


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
