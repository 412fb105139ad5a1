import json
import math
from pathlib import Path

import numpy as np
import pytest

from kerasvgg.recipes import from_scratch
from kerasvgg.training.guards.dead_runs import DeadRunError, DeadRunRules
from kerasvgg.training.phase import Phase, TrainingSettings

FIGURES = ("loss", "accuracy", "val_loss", "val_accuracy")
HISTORIES = json.loads((Path(__file__).parent / "histories.json").read_text())
PHASE = Phase(epochs=50, learning_rate=1e-3)
BALANCED = np.arange(1000) % 2


def rows(losses, accuracy=0.5, val_accuracy=0.503):
    return [
        {"epoch": i, "loss": loss, "accuracy": accuracy, "val_loss": loss, "val_accuracy": val_accuracy}
        for i, loss in enumerate(losses, 1)
    ]


def test_a_loss_that_stays_at_that_of_a_guess_is_told_with_advice():
    stuck = rows([0.6933, 0.6932, 0.6932, 0.6931, 0.6931])
    why = DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, stuck)
    assert "the loss has been 0.6931 for 5 epochs" in why
    assert "lr-find" in why
    assert DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, stuck[:4]) is None


def test_of_classes_that_differ_in_size_the_guess_is_their_entropy():
    labels = np.repeat([0, 1], [900, 100])
    entropy = -0.9 * math.log(0.9) - 0.1 * math.log(0.1)
    stuck = rows([entropy] * 5, accuracy=0.9, val_accuracy=0.899)
    assert DeadRunRules(labels, labels).why_dead(PHASE, stuck).startswith("the loss has been 0.3251")
    weighted = Phase(epochs=50, learning_rate=1e-3, class_weight="balanced")
    assert DeadRunRules(labels, labels).why_dead(weighted, stuck) is None
    assert DeadRunRules(labels, labels).why_dead(weighted, rows([math.log(2)] * 5, 0.9, 0.899)) is not None


def test_a_penalty_on_the_weights_does_not_hide_a_loss_that_is_stuck():
    assert DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, rows([1.0933, 1.0932, 1.0932, 1.0931, 1.0931])) is not None


def test_one_class_while_the_loss_falls_is_a_beginning():
    labels = np.repeat([0, 1], [950, 50])
    falling = rows([0.5, 0.35, 0.28, 0.24, 0.2], accuracy=0.95, val_accuracy=0.95)
    assert DeadRunRules(labels, labels).why_dead(PHASE, falling) is None
    assert DeadRunRules(labels, labels).why_dead(PHASE, rows([0.2] * 5, 0.95, 0.95)) is not None


def test_a_loss_that_falls_slowly_or_an_accuracy_above_chance_is_alive():
    assert DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, rows([0.6931, 0.6928, 0.6925, 0.692, 0.6915])) is None
    assert DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, rows([0.6931] * 5, val_accuracy=0.6)) is None


def test_of_several_classes_the_guess_is_the_mean_of_their_entropies():
    labels = np.stack([np.arange(1000) < 100, np.arange(1000) % 2], axis=1).astype(np.int32)
    guess = (-0.9 * math.log(0.9) - 0.1 * math.log(0.1) + math.log(2)) / 2
    rules = DeadRunRules(labels, labels)
    assert "nothing is learnt" in rules.why_dead(PHASE, rows([guess] * 5, accuracy=0.7, val_accuracy=0.7))
    assert rules.why_dead(PHASE, rows([0.8 * guess] * 5, accuracy=0.7, val_accuracy=0.7)) is None
    assert rules.why_dead(PHASE, rows([guess] * 5, accuracy=0.8, val_accuracy=0.8)) is None


def test_one_class_for_everything_is_told_by_its_share():
    labels = np.repeat([0, 1, 2], [500, 300, 200])
    one = rows([1.3, 1.4, 1.3, 1.35, 1.29], accuracy=0.31, val_accuracy=0.3)
    why = DeadRunRules(labels, labels).why_dead(PHASE, one)
    assert "of class number 1 (from 0): that one is predicted for everything" in why
    one[2]["val_accuracy"] = 0.301
    assert DeadRunRules(labels, labels).why_dead(PHASE, one) is None


def test_validation_below_chance_beside_training_above_it_is_told():
    assert "below chance" in DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, rows([0.1] * 5, 0.97, 0.04))
    assert DeadRunRules(BALANCED, BALANCED).why_dead(PHASE, rows([0.1] * 5, 0.97, 0.48)) is None


@pytest.mark.parametrize("name", HISTORIES)
def test_of_real_runs_of_the_shipped_experiments_only_the_one_that_stands_still_is_dead(name):
    run = HISTORIES[name]
    signs = DeadRunRules(*(np.repeat(range(len(run[part])), run[part]) for part in ("train", "validation")))
    whys = []
    for settings in run["phases"]:
        phase = Phase(epochs=100, learning_rate=settings["learning_rate"], loss=settings["loss"])
        epochs = [dict(zip(FIGURES, row, strict=True)) for row in settings["epochs"]]
        whys += [signs.why_dead(phase, epochs[:count]) for count in range(1, len(epochs) + 1)]
    assert any(whys) == (name == "vgg_blog/book")


def test_a_loss_that_is_no_number_stops_at_its_batch_and_names_the_pictures(noisy, tmp_path):
    how = {"image_size": (48, 48), "batch_size": 2, "units": (4,), "optimizer": "sgd", "learning_rate": 1e30}
    with pytest.raises(DeadRunError, match=r"became (nan|inf) in batch \d+ of epoch 1 \(number \d+, number \d+\)"):
        from_scratch(noisy(), noisy(), **how, epochs=3)
    alive = from_scratch(noisy(), noisy(), **how, epochs=1, stop_when_dead=False)
    assert math.isnan(alive.history[0]["loss"])


@pytest.mark.slow
def test_a_dead_training_is_stopped_and_keeps_its_history(noisy, tmp_path):
    images, labels = noisy()
    swapped = np.tile(images, (10, 1, 1, 1)), 1 - np.tile(labels, 10)
    how = {"image_size": (48, 48), "batch_size": 24, "units": (8,), "optimizer": "adam", "learning_rate": 1e-3}
    with pytest.raises(DeadRunError, match=r"stopped after epoch \d+: .*each other's labels"):
        from_scratch((swapped[0], 1 - swapped[1]), swapped, **how, epochs=30, run_folder=tmp_path)
    assert len((tmp_path / "history.csv").read_text().splitlines()) >= 6


def test_balanced_class_weights_are_those_of_scikit_learn(noisy):
    from sklearn.utils.class_weight import compute_class_weight

    from kerasvgg.data.pictures.sources import ArrayPictures
    from kerasvgg.training.batches import BatchSource

    images, labels = noisy()[0][:12], np.repeat([0, 1], [9, 3])
    weighted = Phase(epochs=1, learning_rate=1e-3, class_weight="balanced")
    pictures = ArrayPictures(images, labels)
    extractor = type("Unfrozen", (), {"root": None})()
    source = BatchSource(TrainingSettings(phases=[weighted], batch_size=4, seed=0), pictures, pictures, extractor)
    expected = compute_class_weight("balanced", classes=np.unique(labels), y=labels)
    assert source.class_weight(weighted) == pytest.approx(dict(enumerate(expected)))
    assert source.class_weight(PHASE) is None
