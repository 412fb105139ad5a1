import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from kerasvgg.selection.logistic import LogisticHead, Scale, fit_path


def _examples(classes, n=90, numbers=12, seed=0):
    draw = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    return draw.normal(size=(n, numbers)) + draw.normal(size=(classes, numbers))[labels], labels


@pytest.mark.parametrize("classes", [2, 3, 7])
def test_the_head_is_scikit_learns(classes):
    x, labels = _examples(classes)
    theirs = LogisticRegression(C=0.3, tol=1e-8, max_iter=10_000).fit(x, labels)
    (head,) = fit_path(x, labels, classes, [0.3], tolerance=1e-8)
    assert head.probabilities(x) == pytest.approx(theirs.predict_proba(x), abs=1e-6)


def test_of_several_strengths_each_is_solved_to_its_own_end():
    x, labels = _examples(3)
    alone = [fit_path(x, labels, 3, [strength], 1e-8)[0] for strength in (0.1, 1.0, 10.0)]
    for one, other in zip(fit_path(x, labels, 3, (0.1, 1.0, 10.0), 1e-8), alone, strict=True):
        assert one.probabilities(x) == pytest.approx(other.probabilities(x), abs=1e-5)


def test_scaled_by_number_it_is_a_pipeline_with_standardisation():
    x, labels = _examples(3)
    x = x * np.arange(1, 13) + 5
    scale = Scale.of(x, "number", [4, 8])
    (head,) = fit_path(scale(x), labels, 3, [5.0], 1e-8)
    theirs = make_pipeline(StandardScaler(), LogisticRegression(C=5.0 / 12, tol=1e-8, max_iter=10_000)).fit(x, labels)
    assert head.probabilities(scale(x)) == pytest.approx(theirs.predict_proba(x), abs=5e-3)
    assert scale.absorbed(head).probabilities(x) == pytest.approx(head.probabilities(scale(x)), abs=1e-12)


def test_scaled_by_stage_numbers_keep_their_proportions():
    x, _ = _examples(2)
    scale = Scale.of(x * ([1.0] * 4 + [100.0] * 8), "stage", [4, 8])
    assert len(set(scale.factor[:4])) == len(set(scale.factor[4:])) == 1
    assert scale.factor[0] > 50 * scale.factor[4]


def test_numbers_that_never_differ_stay_finite():
    x, labels = _examples(2)
    x[:, 3] = 7
    for scaling in ("number", "stage"):
        assert np.isfinite(Scale.of(x, scaling, [4, 8])(x)).all()
    assert np.isfinite(Scale.of(np.full((4, 12), 7.0), "number", [4, 8])(np.full((4, 12), 7.0))).all()
    assert labels.any()


@pytest.mark.parametrize("there", [[0, 2], [1], [0, 1, 2]])
def test_a_class_without_a_picture_gets_nearly_no_probability(there):
    x, labels = _examples(3)
    some = np.isin(labels, there)
    (head,) = fit_path(x[some], labels[some], 3, [1.0])
    rows = head.probabilities(x)
    assert rows.sum(axis=1) == pytest.approx(1)
    for label in set(range(3)) - set(there):
        assert rows[:, label].max() < 1e-6


def test_a_temperature_divides_logits():
    head = LogisticHead(np.array([[1.0, -1.0]]), np.array([0.5, 0.0]))
    x = np.array([[2.0]])
    assert head.calibrated(2).logits(x) == pytest.approx(head.logits(x) / 2)


def test_each_of_several_classes_has_scikit_learns_head_of_its_own():
    x, labels = _examples(3)
    rows = np.stack([labels == 0, labels < 2, np.zeros(90), np.ones(90)], axis=1).astype(np.int32)
    (head,) = fit_path(x, rows, 4, [0.3], tolerance=1e-8)
    for place in (0, 1):
        theirs = LogisticRegression(C=0.3, tol=1e-8, max_iter=10_000).fit(x, rows[:, place])
        assert head.probabilities(x)[:, place] == pytest.approx(theirs.predict_proba(x)[:, 1], abs=1e-6)
    assert head.probabilities(x)[:, 2] == pytest.approx(0.5 / 91)  # nobody has it, and nobody knows that none will
    assert head.probabilities(x)[:, 3] == pytest.approx(90.5 / 91)
