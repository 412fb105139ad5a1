"""What is to be looked at: a model, and the picture that is given to it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.cli.names import model_file
from kerasvgg.data.pictures.decode import decode
from kerasvgg.errors import ConfigError, ModelFileError, did_you_mean
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.modelfile.open.open import OpenedModel, open_model
from kerasvgg.plots.sheet import SeenPicture
from kerasvgg.process.progress import say
from kerasvgg.runs.pictures import find_picture, scored_pictures

Size = tuple[int, int]
SIDES = (8, 1024)  # pixels; VGG16's outputs for a picture of 1,024 x 1,024 take 1.5 GB


def check_size(size: Size | None) -> None:
    """Raises ConfigError for a size (height, width) that is too small or too large."""
    from kerasvgg.errors import ConfigError

    if size and not all(SIDES[0] <= side <= SIDES[1] for side in size):
        received = " x ".join(map(str, size))
        raise ConfigError(f"`--image-size` must be sides of {SIDES[0]} to {SIDES[1]:,} pixels, received {received}")


def size_word(size: Size | None) -> str:
    """Returns the size in a file's name, "" for none."""
    return "x".join(map(str, size or ()))


GRAY = {"": (255, 0), "gray": (1, 0), "unit": (1, 0), "half": (2, -1)}  # what becomes of gray 0..1
LARGEST_SHOWN = 480  # pixels, where a small picture is to be looked at


@dataclass(frozen=True)
class Subject:
    """A model that takes RGB pixels 0..255 (or one channel), its class names in the order of its probabilities.

    `size` is what the model's pictures have, (height, width), None for any; `folder` is its run, if it has one.
    """

    model: Any
    path: Path
    class_names: tuple[str, ...]
    size: Size | None
    interpolation: str
    fit: str
    folder: RunFolder | None

    @property
    def title(self) -> str:
        """What a person calls the model: the run's place, or the file."""
        parts = self.folder.path.absolute().parts[-3:] if self.folder else (self.path.name,)
        return escape("/".join(parts))

    def file(self, image: str) -> Path:
        """Returns the picture's file: the user's own, one of the run, or the run's first to be scored.

        Raises ConfigError or DataError where there is none.
        """
        if image and Path(image).exists():
            return Path(image)
        if self.folder:
            return find_picture(self.folder, image).path if image else scored_pictures(self.folder)[0].path
        received = f"{image!r}, which is not there" if image else "none"
        raise ConfigError(f"`IMAGE` must be a picture's file, since {self.path} is no run; received {received}")

    def picture(self, file: Path, size: Size | None = None) -> tuple[np.ndarray, SeenPicture]:
        """Returns the pixels that the model takes, uint8 (height, width, 3), and the picture as a person sees it."""
        taken = size or self.size
        if taken is None:
            raise ConfigError(f"`--image-size` must be given, because {self.path} takes pictures of any size")
        scale = max(1, LARGEST_SHOWN // max(taken))
        seen = decode(file, (scale * taken[0], scale * taken[1]), fit=self.fit)
        return decode(file, taken, self.interpolation, self.fit), SeenPicture(escape(file.name), seen, None)


def open_subject(model: Path, preprocessing: str = "") -> Subject:
    """Opens a run's model or a model file. One that kerasvgg did not write gets the preprocessing in front.

    Raises ConfigError or ModelFileError for one that takes no pictures.
    """
    path = model_file(model)
    opened = open_model(path)
    height, width, channels = _shape(opened.model, path)
    about = opened.description
    if about is None:
        opened = OpenedModel(_prepared(opened.model, path, preprocessing, channels), None)
    elif preprocessing:
        raise ConfigError(f"`--preprocessing` must be left out, because {path} has its own inside")
    elif channels != 3:
        raise ConfigError(f"the model in `{path}` must take 3 channels, received {channels}")
    folder = RunFolder.open(model) if model.is_dir() else None
    names = about.class_names if about else tuple(map(str, range(max(2, _outputs(opened.model)))))
    size = about.image_size if about else (height, width) if height and width else None
    how = (about.interpolation, about.fit) if about else ("bilinear", "squeeze")
    return Subject(opened.model, path, names, size, *how, folder)


def _prepared(model: Any, path: Path, kind: str, channels: int) -> Any:
    """Returns the model with what makes its pixels of RGB 0..255 in front."""
    import keras

    from kerasvgg.backbones.preprocessing import KINDS
    from kerasvgg.models.save import without_warnings

    allowed = list(filter(None, GRAY)) if channels == 1 else [one for one in KINDS if one != "gray"]
    if kind not in ("", *allowed):
        wanted = f"one of {', '.join(allowed)} for a model on {channels} channel{'s' * (channels > 1)}"
        raise ConfigError(f"`--preprocessing` must be {wanted}, received {kind!r}{did_you_mean(kind, allowed)}")
    if not kind:
        given = "they are given as they are" if channels > 1 else "they are given in gray"
        say(f"{escape(path)} does not say what it wants of its pixels: {given}, 0 to 255")
    before = _layers(kind, channels)
    if not before:
        return model
    pixels = pictures = keras.Input((*model.input_shape[1:3], 3), name="pictures")
    for layer in before:
        pixels = layer(pixels)
    with without_warnings():  # files differ in how they list a single input
        return keras.Model(pictures, model(pixels), name=model.name)


def _layers(kind: str, channels: int) -> list[Any]:
    import keras

    from kerasvgg.backbones.preprocessing import preprocessing

    if channels == 1:
        factor, offset = GRAY[kind]
        return [preprocessing("gray"), keras.layers.Rescaling(factor, offset)]
    return [preprocessing(kind)] if kind else []


def _shape(model: Any, path: Path) -> tuple[int | None, int | None, int]:
    shape = model.input_shape
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[-1] not in (1, 3):
        wanted = "must take one picture, height x width x 3 or 1"
        raise ModelFileError(f"the model in `{path}` {wanted}, received {shape}")
    return shape[1:]


def _outputs(model: Any) -> int:
    shape = model.output_shape
    return shape[-1] if isinstance(shape, tuple) and isinstance(shape[-1], int) else 2
