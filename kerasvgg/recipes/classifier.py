"""The recipe under all recipes: train a classifier in phases and keep what comes out."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kerasvgg.data.augment import Augmentation
from kerasvgg.data.pictures import Pictures
from kerasvgg.features.frozen import Frozen
from kerasvgg.modelfile.description import Description
from kerasvgg.models.save import save_model
from kerasvgg.plots.curves import draw_curves
from kerasvgg.recipes.build import Classifier
from kerasvgg.recipes.phase import Phase
from kerasvgg.recipes.record import Record, Row, say_epoch
from kerasvgg.recipes.train import train_phases
from kerasvgg.run_folder import RunFolder

SECONDS_BETWEEN_CHECKPOINTS = 30.0


@dataclass(frozen=True)
class Trained(Classifier):
    """A trained classifier with its history: one dict per epoch."""

    history: list[Row]


def train_classifier(
    classifier: Classifier,
    phases: Sequence[Phase],
    train: Pictures,
    validation: Pictures,
    *,
    batch_size: int,
    augmentation: Augmentation | None,
    augment_copies: int | None,
    keep: str,
    seed: int,
    frozen: Frozen,
    run_folder: Path | None = None,
) -> Trained:
    """Trains the classifier in place, phase by phase (see `train_phases`), and returns it with its history.

    With a `run_folder` the history, checkpoints, model files and curves are written there; otherwise nothing is.
    """
    model, description = classifier.model, classifier.description
    folder = RunFolder(run_folder) if run_folder else None
    record = train_phases(
        model,
        phases,
        train,
        validation,
        batch_size=batch_size,
        seed=seed,
        frozen=frozen,
        augmentation=augmentation,
        augment_copies=augment_copies,
        keep=keep,
        at_epoch_end=_Keeper(folder, description) if folder else say_epoch,
    )
    if folder:
        save_model(model, folder.model_keras, description)
        save_model(model, folder.model_h5, description)
        draw_curves({"": record.rows}, folder.curves)
    frozen.prove(validation)
    return Trained(model, description, record.rows)


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
            save_model(record.best_model(), self._folder.best, self._description)
            self._best_written = record.best["epoch"]
