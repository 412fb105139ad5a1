"""A model's probabilities for pictures as they come, by an engine that is chosen by the first of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from kerasvgg.engines.choice import choose, refuse
from kerasvgg.engines.engine import Run, runner
from kerasvgg.engines.ncnn import EngineError, NcnnForward
from kerasvgg.engines.saved import SavedModel
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description
from kerasvgg.modelfile.open.open import open_model
from kerasvgg.models.forward import Forward, class_probabilities, flip_average
from kerasvgg.models.heads import with_features
from kerasvgg.process.progress import warn
from kerasvgg.settings import Engine

Seen = tuple[np.ndarray, float | None]  # probabilities, and the distance where it is asked for


class Inference:
    """Makes of pictures (n, height, width, 3) the probabilities of each and, if asked, its distance.

    The engine is chosen by the first pictures, for so many as there are `pictures`. For `batch` see `Forward`.
    """

    pictures = 0

    def __init__(
        self,
        model: Any,
        description: Description,
        unknown: bool,
        engine: Engine | None,
        batch: int | None = None,
    ) -> None:
        self._novelty = description.novelty if unknown else None
        if unknown and self._novelty is None:
            raise ModelFileError(
                "the model must hold what its training pictures look like to tell what is unknown, as one that `auto` "
                "has chosen does; received one without"
            )
        self._model, self._about, self._forced, self._batch = model, description, engine, batch
        self._whole = None if isinstance(model, SavedModel) else self._with_features(model)
        self._run: Run | None = None

    def __call__(self, images: np.ndarray) -> Iterator[Seen]:
        """Yields what it makes of each picture (height, width, 3), 0..255."""
        outputs = (flip_average(self._outputs) if self._about.test_time_flip else self._outputs)(images)
        if self._novelty is None:
            return iter([(row, None) for row in class_probabilities(outputs)])
        features, outputs = np.split(outputs, [self._novelty.features], axis=1)
        distances = self._novelty.distances(features) / self._novelty.threshold
        return zip(class_probabilities(outputs), distances.tolist(), strict=True)

    def _outputs(self, images: np.ndarray) -> np.ndarray:
        try:
            self._run = self._run or self._chosen(images)
            return self._run(images)
        except EngineError as error:
            if self._forced:
                raise
            warn(f"ncnn failed: {error}. TensorFlow goes on")
            if isinstance(self._model, SavedModel):
                self._model.refuse(str(error))
                self._model = open_model(self._model.path).model
                self._whole = self._with_features(self._model)
            refuse(self._model, name_of(self._about), str(error))
        self._run = Forward(self._whole, self._batch)
        return self._run(images)

    def _chosen(self, images: np.ndarray) -> Run:
        if isinstance(self._model, SavedModel):
            network = self._model.network
            run = NcnnForward(network.with_features() if self._novelty else network)
            if self._novelty and run.shape[0] - self._novelty.features != NcnnForward(network).shape[0]:
                raise EngineError("the file's novelty is of another width than its last layer")
            return run
        engine = choose(self._model, name_of(self._about), lambda: images, self.pictures, self._forced)
        return runner(self._whole, self._batch, engine)

    def _with_features(self, model: Any) -> Any:
        return with_features(model, self._novelty.features) if self._novelty else model


def name_of(about: Description) -> str:
    """Returns what a model is called where its engine is spoken of."""
    return f"{about.base} at {about.image_size[0]} x {about.image_size[1]}, whole"
