"""The engine of a run: one for all of its features; and whether its model can go without TensorFlow."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from kerasvgg.data.pictures.decode import Encoded, decode
from kerasvgg.data.pictures.loading import BadFiles
from kerasvgg.data.pictures.resizing import Resizing
from kerasvgg.engines.choice import MEASURE_FROM
from kerasvgg.engines.ncnn import EngineError
from kerasvgg.engines.saved import learn
from kerasvgg.errors import DataError
from kerasvgg.features.table import FeatureTable
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.modelfile.description import Description
from kerasvgg.process.progress import warn
from kerasvgg.runs.inference import name_of
from kerasvgg.runs.prepare import Prepared
from kerasvgg.training.build import Classifier

SOME = 8  # pictures, by which it is found out
Done = TypeVar("Done")


def with_one_engine(prepared: Prepared, go: Callable[[Prepared], Done], folder: RunFolder | None = None) -> Done:
    """Returns what `go` comes to; begins again where ncnn fails in between, so that all features are of one kind."""
    try:
        return go(prepared)
    except EngineError as error:
        if prepared.experiment.engine or prepared.experiment.workers > 1:  # the others would go on
            raise
        warn(f"ncnn failed: {error}. It begins again with TensorFlow's own engine")
    if folder:
        folder.decisions.unlink(missing_ok=True)
    return go(prepared.begun_again())


def learn_of_run(prepared: Prepared, classifier: Classifier, folder: RunFolder) -> None:
    """Finds out whether `kerasvgg predict` can go without TensorFlow; of a small run, its first use finds it out."""
    if len(prepared.split.pictures) < MEASURE_FROM:
        return
    pictures = prepared.pictures(next(part for part in ("test", "validation", "train") if prepared.split.part(part)))
    if isinstance(pictures, FeatureTable):  # which are no pictures
        return
    places, name = np.arange(min(SOME, len(pictures))), name_of(classifier.description)
    learn(folder.model_keras, classifier.model, name, lambda: BadFiles("skip").load(pictures, places)[0])


def learn_of_files(path: Path, model: Any, description: Description, paths: Sequence[Path]) -> None:
    """Finds out by a few of the pictures whether the file of this model can go without TensorFlow the next time."""
    learn_of_contents(path, model, description, (partial(_same, one) for one in paths[:SOME]))


def learn_of_contents(
    path: Path, model: Any, description: Description, contents: Iterable[Callable[[], Encoded]]
) -> None:
    """Does so by the first that can be decoded of these, each of which is loaded when it is called."""
    learn(path, model, name_of(description), lambda: first_decoded(contents, description.resizing))


def first_decoded(contents: Iterable[Callable[[], Encoded]], resizing: Resizing) -> np.ndarray:
    """Returns the first eight that can be decoded, uint8 (n, height, width, 3); fewer where there are fewer."""
    decoded = (_decoded(one, resizing) for one in contents)
    images = list(islice((image for image in decoded if image is not None), SOME))
    return np.stack(images) if images else np.empty(0)


def _same(path: Path) -> Encoded:
    return path


def _decoded(load: Callable[[], Encoded], resizing: Resizing) -> np.ndarray | None:
    try:
        return decode(load(), *resizing)
    except DataError:  # it is told elsewhere
        return None
