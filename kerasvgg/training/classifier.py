"""The training under all recipes: a classifier in phases, and what comes out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kerasvgg.data.pictures.loading import Pictures
from kerasvgg.features.extractor import FeatureExtractor
from kerasvgg.files.run_folder import RunFolder
from kerasvgg.plots.curves import draw_curves
from kerasvgg.process.progress import say
from kerasvgg.training.batches import BatchSource
from kerasvgg.training.build import Classifier
from kerasvgg.training.checkpoint import CheckpointWriter
from kerasvgg.training.guards.freeze_audit import FreezeAudit, moved_in_words
from kerasvgg.training.history import Iterations, TrainingHistory, say_epoch
from kerasvgg.training.loop import train_phases
from kerasvgg.training.phase import TrainingSettings
from kerasvgg.training.resume import facts
from kerasvgg.training.schedule import Row


@dataclass(frozen=True)
class TrainingResult:
    """The history of a training, one dict per epoch, and after which epochs it was interrupted.

    `iterations` has one dict per training batch, if they were asked for; `layers` one per layer with weights: which
    phases trained it and how far it moved (see `FreezeAudit.rows`).
    """

    history: list[Row]
    resumed_after: list[int]
    iterations: list[Row]
    layers: list[Row]


def train_classifier(
    classifier: Classifier,
    settings: TrainingSettings,
    train: Pictures,
    validation: Pictures,
    extractor: FeatureExtractor,
    *,
    folder: RunFolder | None = None,
    resume: bool = False,
    force: bool = False,
    at_epoch_end: Callable[[TrainingHistory], None] = say_epoch,
    follows: bool = False,
) -> TrainingResult:
    """Trains the classifier in place (see `train_phases`); history, states and curves go to a `folder`.

    Without one, `at_epoch_end` is called instead; so it is where this process `follows` one that writes. `resume` goes
    on from the newest state there. Raises ConfigError where something has changed since, unless `force`.
    """
    writer, iterations = None, Iterations() if settings.log_iterations else None
    if folder:
        about = facts(classifier, settings, train, validation, extractor)
        writer = CheckpointWriter(folder, classifier, extractor, about)
    state = writer.take_up(force or follows, iterations) if writer and resume else None
    audit = FreezeAudit(classifier.cut_model, settings.phases)
    source = BatchSource(settings, train, validation, extractor)
    follow: dict[str, Any] = {
        "state": state,
        "iterations": iterations,
        "at_epoch_end": at_epoch_end if follows else writer or at_epoch_end,
    }
    result = _result(train_phases(classifier.cut_model, settings, source, audit, **follow), audit, writer)
    _write(None if follows else folder, result)
    extractor.prove(validation)
    return result


def _result(history: TrainingHistory, audit: FreezeAudit, writer: CheckpointWriter | None) -> TrainingResult:
    layers = audit.rows()
    say(moved_in_words(layers))
    batches = history.iterations.rows if history.iterations else []
    return TrainingResult(history.rows, writer.resumed_after if writer else [], batches, layers)


def _write(folder: RunFolder | None, result: TrainingResult) -> None:
    if folder is None:
        return
    folder.write_layers(result.layers)
    folder.write_history(result.history)
    draw_curves({"": result.history}, folder.curves)
    if result.iterations:
        folder.write_iterations(result.iterations)
        draw_curves({"": result.iterations}, folder.iteration_curves)
