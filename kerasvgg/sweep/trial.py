"""One trial: an experiment with other settings, trained and validated; the test split is never looked at."""

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kerasvgg.config.experiment import Experiment
from kerasvgg.config.load import load_experiments
from kerasvgg.errors import KerasVGGError
from kerasvgg.evaluation.epochs import kept_epoch
from kerasvgg.features.extractor import Elsewhere
from kerasvgg.files.locations import cache
from kerasvgg.runs.feature_folder import is_feature_folder
from kerasvgg.runs.pictures import experiment_source
from kerasvgg.runs.prepare import Given, prepare
from kerasvgg.runs.run import train_in_memory
from kerasvgg.sweep.study import Study, TrialResult
from kerasvgg.training.history import TrainingHistory

FIGURES = ("val_accuracy", "val_loss")


ShouldEnd = Callable[[int, Mapping[str, float]], bool]  # of an epoch's number and figures


class _PrunedError(Exception):
    """A training that is worse than others were, and what it came to."""

    def __init__(self, figures: dict[str, float]) -> None:
        super().__init__()
        self.figures = figures


def with_settings(experiment: Path, settings: Mapping[str, Any]) -> Experiment:
    """Returns the experiment of a file with other settings, by key. Raises ConfigError for what it can't be."""
    overrides = [f"{key}={json.dumps(value)}" for key, value in settings.items()]
    (found,) = load_experiments(experiment, overrides).values()
    return found


def require_data(experiment: Path) -> None:
    """Raises a KerasVGGError where the experiment, or what it is trained on, is not here."""
    data = with_settings(experiment, {}).data
    if not is_feature_folder(data.dataset):
        experiment_source(data)


def compute_features(experiment: Path, elsewhere: Elsewhere | None = None) -> None:
    """Computes what the experiment's frozen layers make of its pictures, but for the test split, and keeps it."""
    prepared = prepare(with_settings(experiment, {}), given=Given(elsewhere=elsewhere))
    with prepared.extractor() as extractor:
        for part in ("train", "validation"):
            extractor.features(prepared.pictures(part), extractor.root)


def run_trials(study: Study, experiment: Path, may_begin: Callable[[], bool]) -> None:
    """Trains one trial after the other, while one may begin."""
    while may_begin() and (trial := study.ask(os.getpid())):
        trial.tell(train_trial(experiment, trial.settings, trial.should_end))


def train_trial(experiment: Path, settings: Mapping[str, Any], should_end: ShouldEnd) -> TrialResult:
    """Trains the experiment with other settings; what can't be trained has failed, with its reason."""
    import keras
    import tensorflow as tf

    try:
        figures = _train(with_settings(experiment, settings), should_end)
    except _PrunedError as pruned:
        return TrialResult(pruned.figures, pruned=True)
    except (KerasVGGError, OSError) as error:
        return TrialResult(why=str(error))
    except (MemoryError, tf.errors.ResourceExhaustedError):
        return TrialResult(why="out of memory")
    finally:
        keras.backend.clear_session()
    is_good = all(map(math.isfinite, figures.values()))
    return TrialResult(figures) if is_good else TrialResult(why=f"its figures are no numbers: {figures}")


def _train(asked: Experiment, should_end: ShouldEnd) -> dict[str, float]:
    def at_epoch_end(history: TrainingHistory) -> None:
        row = history.rows[-1]
        if should_end(len(history.rows), {name: float(row[name]) for name in FIGURES}):
            raise _PrunedError(_figures(kept_epoch(history.rows, asked.keep)))

    given = Given(feature_folder=cache() / "features", at_epoch_end=at_epoch_end)
    _, result = train_in_memory(prepare(asked, given=given))
    return _figures(kept_epoch(result.history, asked.keep))


def _figures(row: Mapping[str, Any]) -> dict[str, float]:
    return {"epoch": int(row["epoch"]), **{name: float(row[name]) for name in FIGURES}}
