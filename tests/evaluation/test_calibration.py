import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss

from kerasvgg.evaluation.calibration import (
    BINS,
    best_temperature,
    calibrated,
    error_by_chance,
    expected_calibration_error,
    fit_temperature,
    overconfidence,
    probabilities,
    reliability,
    reliability_of,
)
from kerasvgg.evaluation.metrics import metrics
from kerasvgg.evaluation.predictions import Prediction


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def overconfident(classes, n=600, factor=3.0, seed=0):
    """Probabilities whose logits are `factor` times what they should be, and the classes drawn by the right ones."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(size=(n, classes)) * 1.5
    labels = (draw.random((n, 1)) > softmax(logits).cumsum(axis=1)).sum(axis=1).clip(max=classes - 1)
    return softmax(logits * factor), labels


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("n", [1, 30, 2000])
def test_the_bins_are_those_of_scikit_learns_calibration_curve(classes, n):
    probabilities, labels = overconfident(classes, n)
    confidences, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    mine = reliability(confidences, right)
    theirs_right, theirs_confidence = calibration_curve(right, confidences, n_bins=BINS)
    filled = [one for one in mine if one.n]
    assert [one.accuracy for one in filled] == pytest.approx(theirs_right, abs=1e-12)
    assert [one.confidence for one in filled] == pytest.approx(theirs_confidence, abs=1e-12)
    assert (len(mine), sum(one.n for one in mine)) == (BINS, n)


def test_a_bin_has_its_upper_edge_and_ends_are_in_the_outer_ones():
    bins = reliability(np.array([0.0, 1 / 15, 2 / 15, 1.0]), np.ones(4, bool))
    assert [one.n for one in bins] == [2, 1, *[0] * 12, 1]


def test_the_error_is_that_worked_by_hand():
    bins = reliability(np.array([0.95, 0.97, 0.60, 0.64, 0.50]), np.array([True, False, True, True, True]))
    by_hand = 2 / 5 * abs(0.5 - 0.96) + 2 / 5 * abs(1 - 0.62) + 1 / 5 * abs(1 - 0.5)
    assert expected_calibration_error(bins) == pytest.approx(by_hand, abs=1e-12)
    assert expected_calibration_error(reliability(np.ones(3), np.ones(3, bool))) == 0


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("factor", [0.4, 1.0, 3.0])
def test_the_temperature_is_the_one_scipy_finds(classes, factor):
    probabilities, labels = overconfident(classes, factor=factor)
    logits = np.log(np.maximum(probabilities, 1e-7))

    def cross_entropy(inverse):
        return log_loss(labels, softmax(logits * inverse), labels=range(classes))

    theirs = minimize_scalar(cross_entropy, bounds=(0.05, 20), method="bounded", options={"xatol": 1e-12})
    mine = best_temperature(probabilities, labels)
    assert cross_entropy(1 / mine) <= theirs.fun + 1e-12
    assert mine == pytest.approx(1 / theirs.x, rel=1e-5)
    step = 1e-6
    assert min(cross_entropy(1 / mine + step), cross_entropy(1 / mine - step)) >= cross_entropy(1 / mine)


def test_at_the_temperature_the_slope_of_the_cross_entropy_is_nothing():
    probabilities, labels = overconfident(4)
    logits = np.log(np.maximum(probabilities, 1e-7))
    after = calibrated(probabilities, best_temperature(probabilities, labels))
    assert (after * logits).sum(axis=1).mean() == pytest.approx(logits[np.arange(600), labels].mean(), abs=1e-9)


def test_one_sigmoid_is_calibrated_on_its_logit():
    share = np.array([0.02, 0.5, 0.9, 0.999])
    logit = np.log(share / (1 - share))
    after = calibrated(np.stack([1 - share, share], axis=1), 2.5)
    assert after[:, 1] == pytest.approx(1 / (1 + np.exp(-logit / 2.5)), abs=1e-12)


def test_a_temperature_of_one_changes_nothing_and_any_keeps_the_order():
    probabilities, _ = overconfident(5)
    assert calibrated(probabilities, 1.0) is probabilities
    for temperature in (0.05, 0.7, 20.0):
        after = calibrated(probabilities, temperature)
        assert after.sum(axis=1) == pytest.approx(1)
        assert (after.argmax(axis=1) == probabilities.argmax(axis=1)).all()


def test_what_can_not_be_fitted_stays_as_it_is():
    labels = np.tile([0, 1], 100)
    assert fit_temperature(np.eye(2)[labels] * 0.7 + 0.15, labels) == 1  # no mistake says how sure is too sure
    assert fit_temperature(np.full((200, 2), np.nan), labels) == 1
    assert fit_temperature(np.empty((0, 2)), np.empty(0, int)) == 1


@pytest.mark.parametrize("factor", [0.4, 3.0])
def test_a_temperature_that_is_needed_is_taken_from_a_hundred_pictures_on(factor):
    probabilities, labels = overconfident(3, factor=factor)
    few = probabilities[:100], labels[:100]
    assert fit_temperature(*few) == best_temperature(*few) != 1
    assert fit_temperature(probabilities[:99], labels[:99]) == 1


def test_a_model_that_is_right_as_often_as_it_says_is_left_alone_but_for_one_time_in_twenty():
    fitted = [fit_temperature(*overconfident(3, n=200, factor=1.0, seed=seed)) for seed in range(400)]
    changed = sum(temperature != 1 for temperature in fitted)
    assert binomtest(changed, 400, 0.05).pvalue > 0.01


def test_probabilities_of_none_and_one_are_no_trouble():
    wrong = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert 1 < best_temperature(wrong, np.array([0, 1, 1])) <= 20
    assert best_temperature(wrong, np.array([1, 1, 0])) == 20


def test_metrics_tell_calibration_before_and_after():
    drawn, labels = overconfident(3)
    predictions = [
        Prediction(f"{i}", "abc"[label], "abc"[row.argmax()], tuple(map(float, row)))
        for i, (label, row) in enumerate(zip(labels, drawn, strict=True))
    ]
    temperature = fit_temperature(drawn, labels)
    told = metrics("abc", predictions, temperature)["calibration"]
    after = calibrated(drawn, temperature)
    assert told["temperature"] == pytest.approx(temperature)
    assert told["ece"] == expected_calibration_error(reliability_of(predictions, probabilities(predictions)))
    assert told["ece_calibrated"] < told["ece"] / 3
    assert told["loss_calibrated"] == pytest.approx(log_loss(labels, after), abs=1e-9)
    assert metrics("abc", predictions)["calibration"]["ece_calibrated"] == told["ece"]


def test_a_model_that_gives_no_numbers_has_no_calibration():
    told = metrics("ab", [Prediction("1", "a", "a", (float("nan"),) * 2)])["calibration"]
    assert np.isnan([told["ece"], told["loss_calibrated"]]).all()


@pytest.mark.parametrize("n", [30, 400])
def test_perfectly_calibrated_predictions_exceed_what_is_called_chance_in_one_of_twenty_cases(n):
    draw = np.random.default_rng(5)
    confidences = draw.beta(5, 2, n)
    most = error_by_chance(confidences)
    errors = [expected_calibration_error(reliability(confidences, draw.random(n) < confidences)) for _ in range(1000)]
    assert 0.03 < np.mean(np.array(errors) > most) < 0.07


def test_overconfidence_is_mean_confidence_minus_accuracy_with_an_interval_that_holds_the_truth():
    draw = np.random.default_rng(6)
    held = 0
    for _ in range(400):
        confidences = draw.uniform(0.5, 1, 80)
        mean, (low, high) = overconfidence(confidences, draw.random(80) < confidences - 0.1)
        assert low < mean < high
        held += low <= 0.1 <= high
    assert 0.91 <= held / 400 <= 0.985
    assert overconfidence(np.full(4, 1.0), np.array([True] * 4)) == (0.0, (-0.25, 0.25))
