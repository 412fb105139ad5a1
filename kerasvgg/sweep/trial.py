"""One trial: an experiment with other settings, trained and validated; the test split is never looked at."""

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.epochs import kept_epoch
from kerasvgg.files.locations import cache
from kerasvgg.runs.prepare import Given, prepare
from kerasvgg.runs.run import train_in_memory
from kerasvgg.sweep.study import Study, Trial
from kerasvgg.training.history import TrainingHistory

FIGURES = ("val_accuracy", "val_loss")


class _PrunedError(Exception):
    """A training that is worse than others were."""


def with_settings(experiment: Path, settings: Mapping[str, Any]) -> Experiment:
    """Returns the experiment of a file with other settings, by key. Raises ConfigError for what it can't be."""
    overrides = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
    (found,) = load_experiments(experiment, overrides).values()
    return found


def compute_features(experiment: Path) -> None:
    """Computes what the experiment's frozen layers make of its pictures, but for the test split, and keeps it."""
    prepared = prepare(with_settings(experiment, {}))
    with prepared.extractor() as extractor:
        for part in ("train", "validation"):
            extractor.features(prepared.pictures(part), extractor.root)


def run_trials(study: Study, experiment: Path, may_begin: Callable[[], bool]) -> None:
    """Trains one trial after the other, while one may begin; one that can't be trained has failed, with its reason."""
    import keras
    import tensorflow as tf

    while may_begin() and (trial := study.ask()):
        try:
            _train(trial, experiment)
        except _PrunedError:
            pass
        except (KerasVGGError, OSError) as error:
            trial.fail(str(error))
        except (MemoryError, tf.errors.ResourceExhaustedError):
            trial.fail("out of memory")
        keras.backend.clear_session()


def _train(trial: Trial, experiment: Path) -> None:
    def at_epoch_end(history: TrainingHistory) -> None:
        row = history.rows[-1]
        if trial.should_end(len(history.rows), row):
            trial.tell(_figures(kept_epoch(history.rows, asked.keep)), pruned=True)
            raise _PrunedError

    asked = with_settings(experiment, trial.settings)
    given = Given(feature_folder=cache() / "features", at_epoch_end=at_epoch_end)
    _, result = train_in_memory(prepare(asked, given=given))
    figures = _figures(kept_epoch(result.history, asked.keep))
    if all(map(math.isfinite, figures.values())):
        trial.tell(figures)
    else:
        trial.fail(f"its figures are no numbers: {figures}")


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    return {"epoch": int(row["epoch"]), **{name: float(row[name]) for name in FIGURES}}
