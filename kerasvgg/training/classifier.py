"""The recipe under all recipes: train a classifier in phases and keep what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.data.augmentation.augment import Augmentation
from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.models.save import save_model
from kerasvgg.plots.curves import draw_curves
from kerasvgg.process.progress import say
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.build import Classifier
from kerasvgg.training.checkpoint import CheckpointWriter
from kerasvgg.training.guards.freeze_audit import FreezeAudit, moved_in_words
from kerasvgg.training.history import Iterations, Row, say_epoch
from kerasvgg.training.loop import train_phases
from kerasvgg.training.phase import Phase
from kerasvgg.training.resume import facts


@dataclass(frozen=True)
class Trained(Classifier):
    """A trained classifier with its history, one dict per epoch, and after which epochs it was interrupted.

    `iterations` has one dict per training batch, if they were asked for; `layers` one per layer with weights: which
    phases trained it and how far it moved (see `FreezeAudit.rows`).
    """

    history: list[Row]
    resumed_after: list[int]
    iterations: list[Row]
    layers: list[Row]


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
    stop_when_dead: bool = True,
    log_iterations: bool = False,
    seed: int,
    frozen: FeatureExtractor,
    run_folder: Path | None = None,
    resume: bool = False,
    force: bool = False,
) -> Trained:
    """Trains the classifier in place, phase by phase (see `train_phases`), and returns it with its history.

    With a `run_folder` the history, states, model files and curves are written there; otherwise nothing is. `resume`
    goes on from the newest state there, if there is one, and ends as if there had been no interruption. Raises
    ConfigError if what was trained then is not what is to be trained now, unless `force` says that this is meant, and
    DeadRunError for a training that learns nothing, unless `stop_when_dead` is false.
    """
    model, description = classifier.model, classifier.description
    how: dict[str, Any] = {"batch_size": batch_size, "augment_copies": augment_copies, "seed": seed}
    how["augmentation"] = augmentation
    keeper, state, folder = None, None, RunFolder(run_folder) if run_folder else None
    iterations = Iterations() if log_iterations else None
    if folder:
        about = facts(classifier, phases, train, validation, frozen=frozen, keep=keep, **how)
        keeper = CheckpointWriter(folder, classifier, frozen, about)
        state = keeper.take_up(force, iterations) if resume else None
    audit = FreezeAudit(model, phases)
    feed = BatchSource(phases, train, validation, frozen, **how)
    follow: dict[str, Any] = {
        "stop_when_dead": stop_when_dead,
        "iterations": iterations,
        "at_epoch_end": keeper or say_epoch,
    }
    record = train_phases(model, phases, feed, frozen, audit, keep=keep, state=state, **follow)
    layers = audit.rows()
    say(moved_in_words(layers))
    if folder:
        folder.write_layers(layers)
        folder.write_history(record.rows)
        save_model(model, folder.model_keras, description)
        save_model(model, folder.model_h5, description)
        draw_curves({"": record.rows}, folder.curves)
        if iterations:
            folder.write_iterations(iterations.rows)
            draw_curves({"": iterations.rows}, folder.iteration_curves)
    frozen.prove(validation)
    rows = iterations.rows if iterations else []
    return Trained(model, description, record.rows, keeper.resumed_after if keeper else [], rows, layers)
