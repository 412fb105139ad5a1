"""The one door through which saved models come in."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kerasvgg.errors import ModelFileError
from kerasvgg.files.hashing import fingerprint
from kerasvgg.modelfile.description import Description, read_description
from kerasvgg.modelfile.open.load import Loaded, load

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class OpenedModel:
    """A keras.Model, uncompiled, and what its file says of itself (None for a file from elsewhere)."""

    model: "keras.Model"
    description: Description | None


def open_model(path: Path) -> OpenedModel:
    """Opens a .keras or .h5 model of any Keras without running code from it.

    Raises ModelFileError for a file that is missing, damaged or dangerous, or that can't be upgraded to Keras 3.
    """
    if not path.is_file():
        raise ModelFileError(f"`{path}` must be a run folder or a model file (.keras or .h5), received nothing there")
    loaded = load(path)
    return OpenedModel(loaded.model, read_checked_description(path, loaded))


def read_checked_description(path: Path, loaded: Loaded) -> Description | None:
    """Returns the description, None for a file from elsewhere.

    Raises ModelFileError where the weights or what goes in and out are not what the file says.
    """
    description = read_description(path) if loaded.saved.description is not None else None
    if description is None:
        return None
    if description.weights_sha256 and fingerprint(loaded.model.weights) != description.weights_sha256:
        raise ModelFileError(f"the weights in `{path}` are not those that were saved: the file was damaged or changed")
    _require_fit(path, loaded.model, description)
    return description


def _require_fit(path: Path, model: "keras.Model", description: Description) -> None:
    """Raises ModelFileError unless the model takes the pictures, and knows the classes, that the file speaks of."""
    taken = model.input_shape[1:] if isinstance(model.input_shape, tuple) else ()
    wanted = (*description.image_size, 3)
    fits = len(taken) == 3 and all(side in (None, right) for side, right in zip(taken, wanted, strict=True))
    outputs = {1, 2} if len(description.class_names) == 2 else {len(description.class_names)}
    if not fits or not isinstance(model.output_shape, tuple) or model.output_shape[1:] not in {(n,) for n in outputs}:
        received = f"{taken} to {model.output_shape}"
        text = f"must take pictures of {wanted} and know {len(description.class_names)} classes, received {received}"
        raise ModelFileError(f"the model in `{path}` {text}")
