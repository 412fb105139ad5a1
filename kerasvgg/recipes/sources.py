"""From what a notebook has at hand to the trainer under all recipes."""

from collections.abc import Sequence
from contextlib import nullcontext
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.folder.scan import scan
from kerasvgg.data.folder.verify import verify_pictures
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.data.pictures.memory import check_pixel_range
from kerasvgg.data.pictures.sources import ArrayPictures, FilePictures
from kerasvgg.errors import DataError
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.files.text import escape
from kerasvgg.process.progress import say
from kerasvgg.recipes.options import DEFAULTS, Options, check_options
from kerasvgg.training.build import build, freeze
from kerasvgg.training.classifier import Trained, train_classifier
from kerasvgg.training.phase import Phase


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
    good, bad = verify_pictures(root, found.files)
    for path, reason in sorted((*found.left_out, *bad)):
        say(f"left out: {escape(path)}: {reason}")
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


OF_PHASES = (
    "optimizer",
    "loss",
    "class_weight",
    "windows",
    "steps_per_epoch",
    "validation_steps",
    "early_stopping",
    "reduce_learning_rate",
)
OF_TRAINING = (
    "batch_size",
    "augment_copies",
    "keep",
    "stop_when_dead",
    "log_iterations",
    "resume",
    "force",
)
Stretch = tuple[tuple[str, ...], int, float]


def train_from_sources(train: Any, validation: Any, stretches: Sequence[Stretch], options: Options) -> Trained:
    """Reads the sources (see `as_pictures`) and trains, for each stretch, (layers, epochs, learning rate)."""
    rest: dict[str, Any] = {**DEFAULTS, **options}
    check_options(rest)
    shared = {name: rest.pop(name) for name in OF_PHASES}
    augment, run_folder = rest.pop("augment"), rest.pop("run_folder")
    run = RunFolder(Path(run_folder)) if run_folder else None
    pictures, names = as_pictures(train, rest.pop("class_names", None), rest["image_size"], rest["interpolation"])
    held_out, _ = as_pictures(validation, names, rest["image_size"], rest["interpolation"])
    if shared_keys := set(pictures.keys) & set(held_out.keys):
        say(f"warning: {len(shared_keys):,} validation pictures are training pictures too: validation is too good")
    phases = [
        Phase.of(layers=layers, epochs=epochs, learning_rate=rate, **shared) for layers, epochs, rate in stretches
    ]
    training = {name: rest.pop(name) for name in OF_TRAINING}
    folder, dtype, on_bad_file = (rest.pop(name) for name in ("feature_folder", "feature_dtype", "on_bad_file"))
    classifier = build(phases, class_names=names, batch_size=training["batch_size"], **rest)
    held, kept_in = run.held() if run else nullcontext(), Path(folder) if folder else None
    with held, freeze(classifier, phases, kept_in, dtype=dtype, on_bad_file=on_bad_file) as frozen:
        return train_classifier(
            classifier,
            phases,
            pictures,
            held_out,
            augmentation=Augmentation(**augment) if augment else None,
            frozen=frozen,
            seed=rest["seed"],
            run_folder=run.path if run else None,
            **training,
        )
