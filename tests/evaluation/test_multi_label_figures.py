"""Figures of several classes a picture, beside scikit-learn's, and the thresholds that they follow from."""

import json
import math

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    f1_score,
    log_loss,
    precision_recall_curve,
    precision_score,
    recall_score,
)

from kerasvgg.data.targets import joined_classes, strata, targets
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.mistakes import worst_mistakes
from kerasvgg.evaluation.predictions import Prediction, read_predictions, write_predictions
from kerasvgg.evaluation.thresholds import best_thresholds, called

NAMES = ("bird", "cat", "dog", "newt")  # no picture has the last
THRESHOLDS = (0.3, 0.5, 0.95, 0.5)


@pytest.fixture
def told(tmp_path) -> list[Prediction]:
    """Predictions as a file keeps them, some with no class, and many with the same probability."""
    draw = np.random.default_rng(0)
    wanted = draw.random((200, 4)) < (0.5, 0.2, 0.05, 0)
    rows = np.clip(draw.normal(0.3 + 0.4 * wanted, 0.25).round(1), 0.001, 0.999)
    made = [
        Prediction(
            f"{i}.png",
            joined_classes(name for name, there in zip(NAMES, wanted[i], strict=True) if there),
            called(row, NAMES, THRESHOLDS),
            tuple(row.tolist()),
        )
        for i, row in enumerate(rows)
    ]
    write_predictions(tmp_path / "predictions.csv", NAMES, made)
    names, read = read_predictions(tmp_path / "predictions.csv")
    assert (names, read) == (NAMES, made)
    return read


def arrays(told: list[Prediction]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The true classes, what was said of them, and probabilities, made without kerasvgg."""
    true, said = (
        [[int(name in label.split("|")) for name in NAMES] for label in labels]
        for labels in zip(*((one.true, one.predicted) for one in told), strict=True)
    )
    return np.array(true), np.array(said), np.array([one.probabilities for one in told])


def test_every_figure_is_scikit_learns(told):
    true, said, rows = arrays(told)
    figures = metrics(NAMES, told, multi_label=True)
    assert figures["accuracy"] == accuracy_score(true, said)
    assert figures["correct"] == accuracy_score(true, said, normalize=False)
    assert figures["f1_micro"] == pytest.approx(f1_score(true, said, average="micro"))
    assert figures["f1_macro"] == pytest.approx(f1_score(true, said, average="macro", zero_division=0))
    assert figures["mean_average_precision"] == pytest.approx(
        average_precision_score(true[:, :3], rows[:, :3], average="macro")
    )
    losses = [log_loss(true[:, place], rows[:, place], labels=[0, 1]) for place in range(4)]
    assert figures["loss"] == pytest.approx(np.mean(losses))
    for place, name in enumerate(NAMES):
        report, column = figures["per_class"][name], (true[:, place], said[:, place])
        assert report["precision"] == precision_score(*column, zero_division=0)
        assert report["recall"] == recall_score(*column, zero_division=0)
        assert report["f1"] == pytest.approx(f1_score(*column, zero_division=0))
        assert report["n"] == true[:, place].sum()
        if report["n"]:
            assert report["average_precision"] == pytest.approx(average_precision_score(true[:, place], rows[:, place]))
    assert figures["per_class"]["newt"]["average_precision"] is None
    json.dumps(figures, allow_nan=False)


def test_calibration_is_of_each_class_of_each_picture(told):
    true, _, rows = arrays(told)
    edges = np.linspace(0, 1, 16)
    place = np.digitize(rows.ravel(), edges[1:-1], right=True)
    gaps = [abs((true.ravel() - rows.ravel())[place == one].sum()) for one in range(15)]
    assert metrics(NAMES, told, multi_label=True)["calibration"]["ece"] == pytest.approx(sum(gaps) / rows.size)


def test_the_worst_mistakes_are_those_of_the_highest_loss(told):
    true, _, rows = arrays(told)
    losses = -np.log(np.where(true == 1, rows, 1 - rows)).mean(axis=1)
    wrong = [(loss, one.path) for loss, one in zip(losses, told, strict=True) if one.true != one.predicted]
    found = [one.path for one in worst_mistakes(told, 5, NAMES)]
    by_path = {path: loss for loss, path in wrong}
    assert [by_path[path] for path in found] == pytest.approx(sorted(by_path.values(), reverse=True)[:5])
    assert any(not one.true for one in told)  # a picture with no class is known, not unlabelled
    assert len(worst_mistakes(told, None, NAMES)) == len(wrong)


def test_thresholds_have_the_highest_f1_that_any_has(told):
    true, _, rows = arrays(told)
    for place, threshold in enumerate(best_thresholds(rows, true)[:3]):
        precision, recall, _ = precision_recall_curve(true[:, place], rows[:, place])
        best = np.max(2 * precision * recall / np.maximum(precision + recall, 1e-12))
        assert f1_score(true[:, place], rows[:, place] >= threshold) == pytest.approx(best)
        assert threshold not in rows[:, place]


@pytest.mark.parametrize(
    ("probabilities", "truth", "threshold"),
    [
        ((0.9, 0.8, 0.2, 0.1), (1, 1, 0, 0), 0.5),
        ((0.4, 0.3, 0.2, 0.1), (1, 1, 0, 0), 0.25),
        ((0.4, 0.3, 0.2, 0.1), (1, 1, 1, 1), 0.05),
        ((0.4, 0.4, 0.4, 0.4), (1, 0, 1, 0), 0.2),
        ((0.99, 0.97, 0.96, 0.9), (1, 0, 0, 1), 0.45),  # F1 is 2 / 3 at 0.98 too
        ((0.9, 0.8, 0.2, 0.1), (0, 0, 0, 0), 0.5),
        ((0.0, 0.0, 0.0, 0.0), (1, 0, 0, 0), 0.5),
        ((math.nan, 0.8, 0.2, 0.1), (1, 1, 0, 0), 0.5),
    ],
)
def test_a_threshold_lies_in_the_middle_and_is_half_where_nothing_tells(probabilities, truth, threshold):
    assert best_thresholds(np.array(probabilities)[:, None], np.array(truth)[:, None]) == pytest.approx((threshold,))


def test_a_picture_is_divided_among_those_of_the_rarest_class_that_it_has():
    assert strata(np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])).tolist() == [1, 0, 0, 3]
    assert strata(np.array([2, 0, 1])).tolist() == [2, 0, 1]


def test_labels_are_numbers_in_the_order_of_the_classes_and_words_in_that_of_the_alphabet():
    assert targets(["cat|bird", "", "dog"], ("dog", "cat", "bird"), multi_label=True).tolist() == [
        [0, 1, 1],
        [0, 0, 0],
        [1, 0, 0],
    ]
    assert called(np.array([0.1, 0.5, 0.9]), ("dog", "cat", "bird"), (0.5, 0.5, 0.5)) == "bird|cat"
    assert targets(["a|b", "c"], ("a|b", "c"), multi_label=False).tolist() == [0, 1]
