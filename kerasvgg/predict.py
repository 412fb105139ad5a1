"""A model's predictions for pictures, in memory that does not grow with their number."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.images import decode
from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.modelfile.description import Description
from kerasvgg.models.forward import class_probabilities, forward

BATCH = 32
Refused = list[tuple[Path, str]]


def predict(
    model: Any,
    description: Description,
    paths: Iterable[tuple[Path, str]],
    refused: Refused | None = None,
) -> Iterator[Prediction]:
    """Yields a prediction for each (path, true class or ""), in order.

    A file that can't be decoded raises DataError or, with a list `refused`, is noted there and passed over.
    """
    taken: list[tuple[Path, str]] = []
    names = description.class_names
    for outputs in forward(model, _batches(description, paths, refused, taken)):
        for row in class_probabilities(outputs):
            path, true = taken.pop(0)
            yield Prediction(str(path), true, names[int(row.argmax())], tuple(map(float, row)))


def _batches(
    description: Description, paths: Iterable[tuple[Path, str]], refused: Refused | None, taken: list[tuple[Path, str]]
) -> Iterator[tuple[np.ndarray, None]]:
    def read(item: tuple[Path, str]) -> np.ndarray | DataError:
        try:
            return decode(item[0], description.image_size, description.interpolation)
        except DataError as error:
            return error

    with ThreadPoolExecutor() as pool:
        for chunk in _chunks(paths):
            images = []
            for item, image in zip(chunk, pool.map(read, chunk), strict=True):
                if not isinstance(image, DataError):
                    images.append(image)
                    taken.append(item)
                elif refused is None:
                    raise image
                else:
                    refused.append((item[0], str(image)))
            if images:
                yield np.stack(images).astype(np.float32), None


def _chunks(paths: Iterable[tuple[Path, str]]) -> Iterator[Sequence[tuple[Path, str]]]:
    chunk: list[tuple[Path, str]] = []
    for item in paths:
        chunk.append(item)
        if len(chunk) == BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
