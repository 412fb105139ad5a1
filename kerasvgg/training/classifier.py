"""The training under all recipes: a classifier in phases, and what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kerasvgg.data.augmentation.augment import Augmentation
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
from kerasvgg.training.phase import Phase
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
    extractor: FeatureExtractor,
    run_folder: Path | None = None,
    resume: bool = False,
    force: bool = False,
    callbacks: Sequence[Any] = (),
    optimizer: Any = None,
) -> TrainingResult:
    """Trains the classifier in place (see `train_phases`); history, states and curves go to a `run_folder`.

    `resume` goes on from the newest state there. Raises ConfigError where something has changed since, unless `force`.
    """
    how: dict[str, Any] = {"batch_size": batch_size, "augment_copies": augment_copies, "seed": seed}
    how["augmentation"] = augmentation
    folder, iterations = RunFolder(run_folder) if run_folder else None, Iterations() if log_iterations else None
    writer, given = None, _given(callbacks, optimizer)
    if folder:
        about = facts(classifier, phases, train, validation, extractor=extractor, keep=keep, given=given, **how)
        writer = CheckpointWriter(folder, classifier, extractor, about)
    state = writer.take_up(force, iterations) if writer and resume else None
    audit = FreezeAudit(classifier.cut_model, phases)
    source = BatchSource(phases, train, validation, extractor, **how)
    follow: dict[str, Any] = {"stop_when_dead": stop_when_dead, "iterations": iterations, "callbacks": callbacks}
    follow |= {"at_epoch_end": writer or say_epoch, "keep": keep, "state": state, "optimizer": optimizer}
    result = _result(train_phases(classifier.cut_model, phases, source, audit, **follow), audit, writer)
    _write(folder, result)
    extractor.prove(validation)
    return result


def _given(callbacks: Sequence[Any], optimizer: Any) -> dict[str, Any]:
    """Returns a program's own callbacks and optimizer in words, nothing where there are none."""
    own = {"optimizer": optimizer.get_config()} if optimizer is not None else {}
    return own | ({"callbacks": [type(one).__name__ for one in callbacks]} if callbacks else {})


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
