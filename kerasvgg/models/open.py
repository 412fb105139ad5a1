"""The one door through which saved models come in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.weights.fingerprint import fingerprint


@dataclass(frozen=True)
class OpenedModel:
    """A keras.Model, uncompiled, and what its file says of itself (None for a file from elsewhere)."""

    model: Any
    description: Description | None


def open_model(path: Path) -> OpenedModel:
    """Opens a .keras or .h5 model without running code from it.

    Raises ModelFileError for a file that is missing or damaged, or that Keras can't build.
    """
    if not path.is_file():
        raise ModelFileError(f"`{path}` must be a run folder or a model file (.keras or .h5), received nothing there")
    description = read_description(path)
    import keras

    try:
        model = keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises whatever the damaged part happens to cause
        raise ModelFileError(f"Keras can't open `{path}`: {str(error).splitlines()[0]}") from error
    saved = description.weights_sha256 if description else ""
    if saved and fingerprint(model.weights) != saved:
        raise ModelFileError(f"the weights in `{path}` are not those that were saved: the file was damaged or changed")
    return OpenedModel(model, description)
