from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss

from kerasvgg.selection.choice import Examples, choose, columns, designs, nested

WIDTHS = {"block3": 4, "block4": 6, "block5": 5}


def _examples(telling: str, n: int = 120, apart: float = 1.5, seed: int = 0) -> Examples:
    """Pictures of three classes that only the numbers of one stage tell apart."""
    draw = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    x = draw.normal(size=(n, 15))
    start = {"block3": 0, "block4": 4, "block5": 10}[telling]
    x[:, start : start + WIDTHS[telling]] += apart * draw.normal(size=(3, WIDTHS[telling]))[labels]
    return Examples(x, WIDTHS, labels, np.arange(n), 3)


@pytest.mark.parametrize("stage", list(WIDTHS))
def test_the_stage_that_tells_the_classes_apart_is_among_the_chosen(stage):
    assert stage in choose(_examples(stage)).best.design.stages


def test_all_that_was_tried_is_told_the_best_first():
    choice = choose(_examples("block4"))
    losses = [one.loss for one in choice.tried]
    assert losses == sorted(losses)
    assert choice.best == choice.tried[0]
    assert {one.design for one in choice.tried} == set(designs(list(WIDTHS)))


def test_the_same_examples_give_the_same_head_to_the_last_bit():
    first, again = (choose(_examples("block4")) for _ in range(2))
    assert (first.head.kernel == again.head.kernel).all()
    assert first.tried == again.tried


def test_out_of_fold_predictions_know_nothing_of_their_own_labels():
    chance = replace(_examples("block4"), labels=np.random.default_rng(1).integers(0, 3, 120))
    choice = choose(chance)
    right = (choice.out_of_fold.argmax(axis=1) == chance.labels[choice.places]).mean()
    assert right < 0.5  # the head itself has seen them, and does better
    assert choice.out_of_fold.max(axis=1).mean() < 0.6


def test_copies_of_a_picture_are_not_held_out_apart():
    """With copies in other folds, noise would be learnt by heart and look like accuracy."""
    draw = np.random.default_rng(0)
    x, labels = np.repeat(draw.normal(size=(40, 60)), 2, axis=0), np.repeat(draw.integers(0, 2, 40), 2)
    kept, torn = (
        Examples(x, {"block5": 60}, labels, groups, 2) for groups in (np.repeat(np.arange(40), 2), np.arange(80))
    )
    assert max(one.accuracy for one in choose(kept).tried) < 0.65
    assert max(one.accuracy for one in choose(torn).tried) > 0.8


def test_nested_folds_predict_each_picture_by_a_head_that_was_chosen_without_it():
    outer = np.arange(120) % 2
    rows, _ = nested(_examples("block5", apart=2.5), outer)
    assert (rows.argmax(axis=1) == _examples("block5").labels).mean() > 0.8
    by_chance = replace(_examples("block5"), labels=np.random.default_rng(3).integers(0, 3, 120))
    rows, _ = nested(by_chance, outer)
    assert (rows.argmax(axis=1) == by_chance.labels).mean() < 0.45


def test_two_pictures_of_a_class_are_enough_to_go_through():
    x = np.array([[0.0] * 15, [0.1] * 15, [5.0] * 15, [5.1] * 15])
    four = Examples(x, WIDTHS, np.array([0, 0, 1, 1]), np.arange(4), 2)
    rows, said = nested(four, np.array([0, 1, 0, 1]))
    assert (said == rows.argmax(axis=1)).all()
    assert np.isfinite(rows).all()
    head = choose(four)
    assert (head.head.probabilities(four.of(head.best.design.stages)).argmax(axis=1) == four.labels).all()


def test_of_many_pictures_the_choice_takes_some_and_the_head_all(monkeypatch):
    monkeypatch.setattr("kerasvgg.selection.choice.MOST", 60)
    examples = _examples("block4")
    choice = choose(replace(examples, groups=np.arange(120) // 2))
    assert len(choice.places) == 60
    far = replace(examples, x=examples.x + np.where(np.isin(np.arange(120), choice.places), 0, 3)[:, None])
    assert np.abs(choose(replace(far, groups=np.arange(120) // 2)).head.bias - choice.head.bias).max() > 1e-3


def test_columns_are_those_of_the_stages_in_their_order():
    x = np.arange(15.0)[None]
    assert columns(x, WIDTHS, ["block3", "block5"]).tolist() == [[0, 1, 2, 3, 10, 11, 12, 13, 14]]


def _several(n: int = 80) -> Examples:
    """Pictures each of which has one of three classes and perhaps, independently of that, a fourth, which is rare."""
    one = _examples("block4", n, apart=1.0)
    rare = np.random.default_rng(5).random(n) < 0.1
    x = one.x.copy()
    x[rare, :3] += 2
    return replace(one, x=x, labels=np.column_stack([np.eye(3)[one.labels], rare]).astype(np.int32), classes=4)


@pytest.mark.slow
def test_of_several_classes_each_has_a_threshold_that_its_out_of_fold_predictions_ask_for():
    examples = _several()
    choice = choose(examples)
    assert choice.temperature == 1
    assert choice.best.loss == pytest.approx(
        np.mean([log_loss(examples.labels[:, i], choice.out_of_fold[:, i]) for i in range(4)])
    )
    assert choice.best.accuracy == pytest.approx(((choice.out_of_fold >= 0.5) == examples.labels).mean())
    said = choice.out_of_fold >= np.array(choice.thresholds)
    at_half = choice.out_of_fold >= 0.5
    gains = f1_score(examples.labels, said, average=None) - f1_score(examples.labels, at_half, average=None)
    assert gains.min() >= 0
    assert gains.max() > 0.05


@pytest.mark.slow
def test_nested_folds_find_thresholds_without_the_pictures_that_they_are_for():
    examples, outer = _several(), np.arange(80) % 2
    _, said = nested(examples, outer)
    assert f1_score(examples.labels, said, average="micro") > 0.5
    turned = replace(examples, labels=np.where((outer == 0)[:, None], 1 - examples.labels, examples.labels))
    assert (nested(turned, outer)[1][outer == 0] == said[outer == 0]).all()  # their own labels are not known
