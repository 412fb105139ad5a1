"""The one door through which saved models come in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description, read_description


@dataclass(frozen=True)
class OpenedModel:
    """A keras.Model, uncompiled, and what its file says of itself (None for a file from elsewhere)."""

    model: Any
    description: Description | None


def open_model(path: Path) -> OpenedModel:
    """Opens a .keras or .h5 model without running code from it.

    Raises ModelFileError for a file that is missing, damaged, or that Keras can't build.
    """
    if not path.is_file():
        raise ModelFileError(f"`{path}` must be a run folder or a model file (.keras or .h5), received nothing there")
    description = read_description(path)
    import keras

    try:
        return OpenedModel(keras.models.load_model(path, compile=False, safe_mode=True), description)
    except Exception as error:  # Keras raises whatever the damaged part happens to cause
        raise ModelFileError(f"Keras can't open `{path}`: {str(error).splitlines()[0]}") from error
