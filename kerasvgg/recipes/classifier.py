"""The recipe under all recipes: build a classifier, train it in phases, keep what came out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kerasvgg
from kerasvgg.data.augment import Augmentation
from kerasvgg.data.pictures import Pictures
from kerasvgg.modelfile.description import Description
from kerasvgg.models.classifier import build_classifier
from kerasvgg.models.save import save_model
from kerasvgg.plots.curves import draw_curves
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.record import Record, Row, say_epoch
from kerasvgg.recipes.train import train_phases
from kerasvgg.run_folder import RunFolder
from kerasvgg.weights.sources import imagenet_weights

SECONDS_BETWEEN_CHECKPOINTS = 30.0


@dataclass(frozen=True)
class Trained:
    """A trained keras.Model, its history (one dict per epoch), and what its file says of it."""

    model: Any
    history: list[Row]
    description: Description


def train_classifier(
    train: Pictures,
    validation: Pictures,
    phases: Sequence[Phase],
    *,
    class_names: Sequence[str],
    image_size: tuple[int, int],
    base: str = "vgg16",
    weights: str | None = "imagenet",
    preprocessing: str = "vgg",
    pooling: str = "flatten",
    units: Sequence[int] = (256,),
    input_dropout: float = 0.0,
    dropout: float = 0.0,
    interpolation: str = "bilinear",
    batch_size: int = 32,
    augmentation: Augmentation | None = None,
    keep: str = "best",
    seed: int = 0,
    experiment: str = "",
    run_folder: Path | None = None,
    feature_folder: Path | None = None,
) -> Trained:
    """Trains a base with a head on `train`, phase by phase, and returns it.

    With a `run_folder` the history, checkpoints, model files and curves are written there; otherwise nothing is.
    """
    model = build_classifier(
        base,
        image_size,
        len(class_names),
        kind=preprocessing,
        weights=imagenet_weights(base) if weights else None,
        pooling=pooling,
        units=units,
        input_dropout=input_dropout,
        dropout=dropout,
        seed=seed,
    )
    description = Description(
        tuple(class_names), image_size, interpolation, preprocessing, base, experiment, kerasvgg.__version__
    )
    folder = RunFolder(run_folder) if run_folder else None
    record = train_phases(
        model,
        phases,
        train,
        validation,
        batch_size=batch_size,
        seed=seed,
        augmentation=augmentation,
        keep=keep,
        feature_folder=feature_folder,
        reading=interpolation,
        at_epoch_end=_Keeper(folder, description) if folder else say_epoch,
    )
    if folder:
        save_model(model, folder.model_keras, description)
        save_model(model, folder.model_h5, description)
        draw_curves({"": record.rows}, folder.curves)
    return Trained(model, record.rows, description)


class _Keeper:
    """Writes the history at every epoch's end; checkpoints at the last one and, on the way, every 30 seconds."""

    def __init__(self, folder: RunFolder, description: Description) -> None:
        self._folder, self._description = folder, description
        self._last_written, self._best_written = time.monotonic(), 0

    def __call__(self, record: Record) -> None:
        self._folder.write_history(record.rows)
        say_epoch(record)
        if record.done or time.monotonic() - self._last_written >= SECONDS_BETWEEN_CHECKPOINTS:
            self._write_checkpoints(record)
            self._last_written = time.monotonic()

    def _write_checkpoints(self, record: Record) -> None:
        save_model(record.model, self._folder.last, self._description)
        if record.best["epoch"] != self._best_written:
            with record.best_in_place():
                save_model(record.model, self._folder.best, self._description)
            self._best_written = record.best["epoch"]
