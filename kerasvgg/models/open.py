"""The one door through which saved models come in."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.description import Description
from kerasvgg.models.described import described
from kerasvgg.models.load import load


@dataclass(frozen=True)
class OpenedModel:
    """A keras.Model, uncompiled, and what its file says of itself (None for a file from elsewhere)."""

    model: Any
    description: Description | None


def open_model(path: Path) -> OpenedModel:
    """Opens a .keras or .h5 model of any Keras without running code from it.

    Raises ModelFileError for a file that is missing, damaged or dangerous, or that can't be upgraded to Keras 3.
    """
    if not path.is_file():
        raise ModelFileError(f"`{path}` must be a run folder or a model file (.keras or .h5), received nothing there")
    loaded = load(path)
    return OpenedModel(loaded.model, described(path, loaded))
