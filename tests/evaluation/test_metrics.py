import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, classification_report, confusion_matrix, log_loss

from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import Prediction, read_predictions, write_predictions
from kerasvgg.evaluation.statistics import wilson

NAMES = {2: ("cat", "dog"), 3: ("b", "c", "a"), 12: tuple(f"class {i}" for i in range(12))}


def predicted(names, n=200, seed=0, sharpness=2.0):
    """Float32 predictions as a network gives them, right more often than not."""
    draw = np.random.default_rng(seed)
    true = draw.integers(0, len(names), n)
    scores = draw.normal(size=(n, len(names))) * sharpness + 2 * np.eye(len(names))[true]
    shares = (np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)).astype(np.float32)
    return [
        Prediction(f"{i}.jpg", names[label], names[int(row.argmax())], tuple(map(float, row)))
        for i, (label, row) in enumerate(zip(true, shares, strict=True))
    ]


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("n", [1, 7, 500])
def test_accuracy_and_confusion_are_scikit_learns(names, n):
    predictions = predicted(names, n)
    true, guess = [one.true for one in predictions], [one.predicted for one in predictions]
    figures = metrics(names, predictions)
    assert figures["accuracy"] == accuracy_score(true, guess)
    assert figures["confusion"] == confusion_matrix(true, guess, labels=names).tolist()
    assert figures["correct"] == accuracy_score(true, guess, normalize=False)
    assert (figures["n"], figures["classes"]) == (n, list(names))
    theirs = binomtest(figures["correct"], n).proportion_ci(method="wilson")
    assert figures["interval_95"] == pytest.approx((theirs.low, theirs.high), abs=1e-12)


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
def test_loss_is_scikit_learns_log_loss(names):
    predictions = predicted(names)
    order = sorted(range(len(names)), key=names.__getitem__)  # scikit-learn wants the columns sorted by label
    shares = np.array([one.probabilities for one in predictions])[:, order]
    theirs = log_loss([one.true for one in predictions], shares / shares.sum(1, keepdims=True), labels=sorted(names))
    assert metrics(names, predictions)["loss"] == pytest.approx(theirs, rel=1e-6)


def test_a_class_that_never_occurs_keeps_its_row_and_column():
    predictions = [Prediction("1", "a", "c", (0.1, 0.2, 0.7)), Prediction("2", "a", "a", (0.8, 0.1, 0.1))]
    assert metrics(("a", "b", "c"), predictions)["confusion"] == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]


def test_a_true_class_given_no_probability_at_all_costs_a_finite_loss():
    figures = metrics(("a", "b"), [Prediction("1", "b", "a", (1.0, 0.0))])
    assert figures["loss"] == pytest.approx(-np.log(1e-7))


@pytest.mark.parametrize("sharpness", [2.0, 30.0])
def test_figures_from_the_file_are_those_from_memory(tmp_path, sharpness):
    names, predictions = NAMES[3], predicted(NAMES[3], sharpness=sharpness)
    write_predictions(tmp_path / "predictions.csv", names, predictions)
    before, after = metrics(names, predictions), metrics(*read_predictions(tmp_path / "predictions.csv"))
    assert after.pop("loss") == pytest.approx(before.pop("loss"), rel=1e-7)
    intervals = (one["calibration"].pop("overconfidence_interval_95") for one in (after, before))
    assert next(intervals) == pytest.approx(next(intervals), rel=1e-7)
    assert after.pop("calibration") == pytest.approx(before.pop("calibration"), rel=1e-7)
    assert after == before


@pytest.mark.filterwarnings("ignore:.*ill-defined")
@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize("n", [1, 7, 500])
def test_the_report_per_class_is_scikit_learns(names, n):
    predictions = predicted(names, n)
    true, guess = [one.true for one in predictions], [one.predicted for one in predictions]
    theirs = classification_report(true, guess, labels=names, output_dict=True, zero_division=0)
    for name, mine in metrics(names, predictions)["per_class"].items():
        expected = theirs[name]
        assert (mine["precision"], mine["recall"], mine["n"]) == (
            expected["precision"], expected["recall"], expected["support"],
        )  # fmt: skip
        assert mine["f1"] == pytest.approx(expected["f1-score"], abs=1e-12)


def test_pictures_that_folds_hold_out_several_times_count_once_in_intervals():
    rows = predicted(("a", "b"), 40)
    once, thrice = metrics(("a", "b"), rows, groups=range(40)), metrics(("a", "b"), rows * 3, groups=range(40))
    for name in ("a", "b"):
        assert once["per_class"][name]["recall_interval_95"] == thrice["per_class"][name]["recall_interval_95"]
    same = ("overconfidence", "overconfidence_interval_95", "ece_by_chance_95")
    assert [once["calibration"][name] for name in same] == [thrice["calibration"][name] for name in same]
    assert once["interval_95"] == pytest.approx(thrice["interval_95"])


def test_test_pictures_in_groups_that_are_alike_count_as_groups():
    rows = [Prediction(f"{i}", "a", "a" if i < 80 else "b", (0.5, 0.5)) for i in range(100)]
    found = metrics(("a", "b"), rows, groups=[i // 10 for i in range(100)], shared=1.0)
    assert found["independent"] == pytest.approx(10, rel=0.01)
    assert found["interval_95"] == pytest.approx(wilson(8, 10), abs=0.01)
