"""What a model file says of itself, besides what Keras put there: read and written without Keras."""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kerasvgg.errors import ModelFileError

MEMBER = "kerasvgg.json"  # in a .keras archive
DATASET = "kerasvgg"  # in an .h5 file; a data set, because an attribute holds 64 KiB at most


@dataclass(frozen=True)
class Description:
    """`image_size` is (height, width); `class_names` are in the order of the probabilities.

    `weights_sha256` is the fingerprint of the model's weights, by which a damaged file is known; "" in old files.
    """

    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    interpolation: str
    preprocessing: str
    base: str
    experiment: str = ""
    kerasvgg: str = ""
    weights_sha256: str = ""


def describe_archive(path: Path, description: Description) -> None:
    """Adds the description to a finished .keras file."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(MEMBER, json.dumps(asdict(description)))


def describe_h5(file: Any, description: Description) -> None:
    """Adds the description to an .h5 file that is open for writing."""
    file[DATASET] = json.dumps(asdict(description))


def read_description(path: Path) -> Description | None:
    """Returns the description in an .h5 or .keras file, or None for a file that kerasvgg did not write.

    Raises ModelFileError for a description that is damaged or for a file of another kind.
    """
    try:
        text = _from_keras(path) if zipfile.is_zipfile(path) else _from_h5(path)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelFileError(f"`{path}` must be a .keras or .h5 model file; reading it failed: {error}") from error
    if text is None:
        return None
    try:
        fields = json.loads(text)
        fields["class_names"] = tuple(str(name) for name in fields["class_names"])
        fields["image_size"] = tuple(int(side) for side in fields["image_size"])
        return Description(**fields)
    except (ValueError, TypeError, KeyError) as error:
        raise ModelFileError(f"what `{path}` says of itself is damaged: {error}") from error


def _from_keras(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive:
        return archive.read(MEMBER).decode() if MEMBER in archive.namelist() else None


def _from_h5(path: Path) -> str | None:
    import h5py

    with h5py.File(path, "r") as file:
        return file[DATASET][()].decode() if DATASET in file else None
