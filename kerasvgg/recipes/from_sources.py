"""From what a notebook has at hand to the trainer under all recipes."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from kerasvgg.data.augment import Augmentation
from kerasvgg.progress import say
from kerasvgg.recipes.build import build, freeze
from kerasvgg.recipes.classifier import Trained, train_classifier
from kerasvgg.recipes.options import DEFAULTS, Options, check_options
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.sources import as_pictures
from kerasvgg.run_folder import RunFolder

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
