"""What a recipe accepts as pictures, made into one kind of thing."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.check import check
from kerasvgg.data.pictures import ArrayPictures, FilePictures, Pictures
from kerasvgg.data.pixel_range import check_pixel_range
from kerasvgg.data.scan import scan
from kerasvgg.data.shown import shown
from kerasvgg.errors import DataError
from kerasvgg.progress import say


def as_pictures(
    source: Any, class_names: Sequence[str] | None, image_size: tuple[int, int], interpolation: str
) -> tuple[Pictures, tuple[str, ...]]:
    """Returns the pictures of a folder of class folders, of arrays (images, labels), or of a tf.data.Dataset.

    Also returns the class names: those given, else the folder's in alphabetical order, else "0", "1" ...
    Arrays are (n, height, width, 3), 0..255, of `image_size`, labels (n,) class numbers.
    """
    if isinstance(source, str | PathLike):
        return _folder(Path(source), class_names, image_size, interpolation)
    pictures = (
        ArrayPictures(*map(np.asarray, source)) if isinstance(source, tuple) else ArrayPictures.of_dataset(source)
    )
    check_pixel_range(*pictures.value_range)
    shape = pictures.load(np.array([0])).shape[1:]
    if shape != (*image_size, 3):
        raise DataError(
            f"`image_size` must be that of the arrays, ({image_size[0]}, {image_size[1]}, 3); received {shape}"
        )
    names = tuple(class_names or map(str, range(int(pictures.labels.max()) + 1)))
    if not 0 <= pictures.labels.min() <= pictures.labels.max() < len(names):
        raise DataError(f"`labels` must lie in 0..{len(names) - 1}, received {pictures.labels.max()}")
    return pictures, names


def _folder(
    root: Path, class_names: Sequence[str] | None, image_size: tuple[int, int], interpolation: str
) -> tuple[Pictures, tuple[str, ...]]:
    found = scan(root)
    good, bad = check(root, found.files)
    for path, reason in sorted((*found.left_out, *bad)):
        say(f"left out: {shown(path)}: {reason}")
    if not good:
        raise DataError(f"`{root}` must hold pictures in class folders, received none")
    files, contents = zip(*((file, seen.sha256) for file, seen in good), strict=True)
    names = tuple(class_names or sorted({file.label for file in files}))
    strange = {file.label for file in files} - set(names)
    if strange:
        raise DataError(
            f"`{root}` must hold the classes {', '.join(names)}; received also {', '.join(sorted(strange))}"
        )
    labels = [names.index(file.label) for file in files]
    return FilePictures([root / file.path for file in files], labels, contents, image_size, interpolation), names
