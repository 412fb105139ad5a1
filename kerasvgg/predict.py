"""A model's predictions for pictures, in memory that does not grow with their number."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.images import decode
from kerasvgg.data.in_threads import in_threads
from kerasvgg.errors import DataError
from kerasvgg.evaluation.predictions import Prediction
from kerasvgg.modelfile.description import Description
from kerasvgg.models.forward import BATCH, Forward, both_ways, class_probabilities

AHEAD = 2 * BATCH  # pictures that are decoded while the model computes
Refused = list[tuple[Path, str]]
Item = tuple[Path, str]


def predict(
    model: Any,
    description: Description,
    paths: Iterable[Item],
    refused: Refused | None = None,
) -> Iterator[Prediction]:
    """Yields a prediction for each (path, true class or ""), in order.

    Pictures are decoded while the model computes. One that can't be decoded raises DataError or, with a list
    `refused`, is noted there and passed over.
    """
    taken: deque[Item] = deque()
    names = description.class_names
    run = both_ways(Forward(model)) if description.test_time_flip else Forward(model)
    for images in _batches(description, paths, refused, taken):
        for row in class_probabilities(run(images)):
            path, true = taken.popleft()
            yield Prediction(str(path), true, names[int(row.argmax())], tuple(map(float, row)))


def _batches(
    description: Description, paths: Iterable[Item], refused: Refused | None, taken: deque[Item]
) -> Iterator[np.ndarray]:
    def read(item: Item) -> tuple[Item, np.ndarray | DataError]:
        try:
            return item, decode(item[0], description.image_size, description.interpolation)
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
