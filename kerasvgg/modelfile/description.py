"""What a model file says of itself, besides what Keras put there: read and written without Keras."""

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kerasvgg.data.pictures.resizing import FITS, INTERPOLATIONS, Resizing
from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.novelty import Novelty
from kerasvgg.modelfile.read.saved import DATASET, MEMBER, Danger, tree

SIDES = (8, 2048)  # pixels, as in an experiment
TEMPERATURES = (0.01, 100.0)


@dataclass(frozen=True)
class Description:
    """`image_size` is (height, width); `class_names` are in the order of the probabilities.

    `weights_sha256` is the fingerprint of the model's weights, by which a damaged file is known; "" in old files. With
    `test_time_flip` a prediction is the mean of the picture's and of its mirror image's. The logits divided by the
    `temperature` give probabilities that are as high as the model was often right on validation. `novelty` tells which
    pictures are like none of the classes, by what goes into the layer `head_output`. With `thresholds`, one for each
    class, a picture has all the classes whose probability is at least as high, however many.
    """

    class_names: tuple[str, ...]
    image_size: tuple[int, int]
    interpolation: str
    preprocessing: str
    base: str
    experiment: str = ""
    kerasvgg: str = ""
    weights_sha256: str = ""
    test_time_flip: bool = False
    temperature: float = 1.0
    fit: str = "squeeze"
    novelty: Novelty | None = None
    thresholds: tuple[float, ...] | None = None

    @property
    def multi_label(self) -> bool:
        """Tells whether a picture may have several classes, or none."""
        return self.thresholds is not None

    @property
    def resizing(self) -> Resizing:
        """How a picture comes to the size that the model takes."""
        return Resizing(self.image_size, self.interpolation, self.fit)


def describe_archive(archive_file: Path | BinaryIO, description: Description) -> None:
    """Adds the description to a finished .keras file."""
    with zipfile.ZipFile(archive_file, "a") as archive:
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
    except Exception as error:  # zipfile and h5py raise whatever the damaged part happens to cause
        raise ModelFileError(f"`{path}` must be a .keras or .h5 model file; reading it failed: {error}") from error
    try:
        return parse_description(text) if text is not None else None
    except ModelFileError as error:
        raise ModelFileError(f"`{path}`: {error}") from error


def parse_description(text: str | bytes) -> Description:
    """Returns what is described; raises ModelFileError for what is no description."""
    found: list[Danger] = []
    fields = tree(text, "", found)
    if fields is None:
        raise ModelFileError(f"what the file says of itself is damaged: {found[0].text}")
    try:
        names, size = tuple(fields.pop("class_names")), tuple(fields.pop("image_size"))
        novelty, thresholds = fields.pop("novelty", None), fields.pop("thresholds", None)
        more: dict[str, Any] = {"novelty": None if novelty is None else Novelty(**novelty)}
        more["thresholds"] = None if thresholds is None else tuple(thresholds)
        return _checked(Description(names, size, **fields, **more))
    except (ValueError, TypeError, LookupError) as error:
        raise ModelFileError(f"what the file says of itself is damaged: {error}") from error


def _checked(description: Description) -> Description:
    texts = (*description.class_names, *list(asdict(description).values())[2:8])
    if len(description.class_names) < 2 or not all(isinstance(text, str) for text in texts):
        raise ValueError("it must be text, with at least two class names")
    if not isinstance(description.test_time_flip, bool):
        raise ValueError("`test_time_flip` must be true or false")
    if not _is_temperature(description.temperature):
        raise ValueError(f"`temperature` must be a number from {TEMPERATURES[0]} to {TEMPERATURES[1]}")
    if description.thresholds is not None and not _are_thresholds(description):
        raise ValueError("`thresholds` must be a number from 0 to 1 for each class")
    if description.interpolation not in INTERPOLATIONS:
        raise ValueError(f"`interpolation` must be one of {', '.join(INTERPOLATIONS)}")
    if description.fit not in FITS:
        raise ValueError(f"`fit` must be one of {', '.join(FITS)}")
    if len(description.image_size) != 2 or not all(_is_side(side) for side in description.image_size):
        raise ValueError(f"`image_size` must be two sides of {SIDES[0]} to {SIDES[1]:,} pixels")
    return description


def _is_temperature(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return TEMPERATURES[0] <= value <= TEMPERATURES[1]


def _are_thresholds(description: Description) -> bool:
    given = description.thresholds or ()
    numbers = all(isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one <= 1 for one in given)
    return len(given) == len(description.class_names) and numbers


def _is_side(side: object) -> bool:
    return isinstance(side, int) and SIDES[0] <= side <= SIDES[1]


def _from_keras(path: Path) -> bytes | None:
    with zipfile.ZipFile(path) as archive:
        return archive.read(MEMBER) if MEMBER in archive.namelist() else None


def _from_h5(path: Path) -> bytes | None:
    import h5py

    with h5py.File(path, "r") as file:
        return bytes(file[DATASET][()]) if DATASET in file else None
