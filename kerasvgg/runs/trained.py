"""A trained model with its history, and what can be done with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerasvgg.errors import ConfigError, DataError
from kerasvgg.files.run_folder import RunFolder

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf
    from numpy.typing import ArrayLike

    from kerasvgg.evaluation.predictions import Prediction
    from kerasvgg.modelfile.description import Description
    from kerasvgg.training.build import Classifier
    from kerasvgg.training.classifier import TrainingResult

Row = dict[str, Any]


@dataclass(frozen=True)
class Trained:
    """A keras.Model from pictures 0..255 to probabilities, what its file says of it, and how it was trained.

    `history` has one dict per epoch, `iterations` one per batch if they were asked for, `layers` one per layer with
    weights: which phases trained it and how far it moved. `resumed_after` are the epochs after which the training was
    interrupted. `folder` is the run's, None where nothing was written.
    """

    model: "keras.Model"
    description: "Description"
    history: list[Row]
    resumed_after: list[int]
    iterations: list[Row]
    layers: list[Row]
    folder: RunFolder | None = None

    @classmethod
    def of(cls, classifier: "Classifier", result: "TrainingResult", folder: RunFolder | None) -> "Trained":
        """Puts together what a training came to; a run's model has the temperature that its scoring found."""
        description = classifier.description
        if folder:
            from kerasvgg.modelfile.description import read_description

            description = read_description(folder.model_keras) or description
        return cls(classifier.model, description, **vars(result), folder=folder)

    @classmethod
    def open(cls, run: str | PathLike[str]) -> "Trained":
        """Opens a finished run. Raises DataError for any other folder, ModelFileError for a model that is damaged."""
        from kerasvgg.modelfile.open.open import open_model

        folder = RunFolder.open(Path(run))
        if not folder.is_finished:
            raise DataError(f"`{run}` must be a finished run, received one without {folder.metrics.name}")
        opened = open_model(folder.model_keras)
        if opened.description is None:
            raise DataError(f"`{folder.model_keras}` must describe itself, received a model from elsewhere")
        batches = folder.read_iterations() if folder.iterations.is_file() else []
        layers = folder.read_layers() if folder.layers.is_file() else []
        return cls(opened.model, opened.description, folder.read_history(), [], batches, layers, folder)

    def predict(
        self, pictures: "str | PathLike[str] | Iterable[str | PathLike[str]] | np.ndarray", *, unknown: bool = False
    ) -> "list[Prediction]":
        """Returns a prediction for each picture: of a file, a folder, several files, or an array.

        An array is (n, height, width, 3), 0..255, of the model's size. With `unknown` each has its `distance` too.
        Raises DataError for a file that is no picture, in a folder such are passed over; ModelFileError for a model
        that can't tell what is unknown.
        """
        from kerasvgg.runs.predict import predict_any

        return predict_any(self.model, self.description, pictures, unknown)

    def evaluate(
        self,
        pictures: "str | PathLike[str] | Sequence[ArrayLike] | tf.data.Dataset",
        output: str | PathLike[str] | None = None,
    ) -> dict[str, Any]:
        """Returns the figures (see `metrics`) of a folder of class folders, or of what else the recipes take.

        A folder's predictions and pictures are written to `output`, by default a new folder below the run's
        evaluations or, without a run, below `evaluations` here; the access to these pictures is counted.
        """
        import numpy as np

        from kerasvgg.data.pictures.sources import ArrayPictures
        from kerasvgg.evaluation.metrics import metrics
        from kerasvgg.runs.evaluate import evaluate_folder
        from kerasvgg.runs.predict import predict_array

        about = self.description
        if not isinstance(pictures, str | PathLike):
            arrays = ArrayPictures.of(pictures)
            found = predict_array(self.model, about, arrays.load(np.arange(len(arrays))), arrays.labels)
            return metrics(about.class_names, found, about.temperature, multi_label=about.multi_label)
        source = str(self.folder.path) if self.folder else ""
        return evaluate_folder(self.model, about, Path(pictures), self.folder, output, source=source).metrics

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the model with its description as .keras or .h5, by the suffix, in one step."""
        from kerasvgg.models.save import save_model

        if Path(path).suffix not in (".keras", ".h5"):
            raise ConfigError(f"`path` must end in .keras or .h5, received {str(path)!r}")
        save_model(self.model, Path(path), self.description)

    def show(self, picture: "str | PathLike[str] | np.ndarray", class_name: str | None = None) -> "np.ndarray":
        """Returns the picture with the heat of a class over it, uint8 (height, width, 3): where its evidence lies.

        The class is by default the likeliest. Source: Grad-CAM (Selvaraju et al. 2017).
        """
        import numpy as np

        from kerasvgg.data.pictures.decode import decode
        from kerasvgg.plots.heatmaps import overlay
        from kerasvgg.visualise.class_maps import class_maps, heat

        names, about = self.description.class_names, self.description
        if class_name is not None and class_name not in names:
            raise ConfigError(f"`class_name` must be one of {', '.join(names)}, received {class_name!r}")
        pixels = picture if isinstance(picture, np.ndarray) else decode(Path(picture), *about.resizing)
        if pixels.shape != (*about.image_size, 3):
            raise DataError(f"`picture` must have the shape {(*about.image_size, 3)}, received {pixels.shape}")
        found = class_maps(self.model, pixels)
        number = names.index(class_name) if class_name else int(found.probabilities.argmax())
        glow = overlay(pixels, heat(found.maps[list(found.classes).index(number)], about.image_size))
        shown: np.ndarray = (255 * np.clip(glow, 0, 1)).astype(np.uint8)
        return shown
