from dataclasses import replace

import numpy as np
import pytest

from kerasvgg.evaluation.folds import SHARED
from kerasvgg.selection.choice import Design, Examples, Tried
from kerasvgg.selection.learning_curve import learning_curve

TRIED = Tried(Design(("block5",), "stage"), 1.0, 0.0, 0.0, 0.0)


def drawn(n, seed, apart=1.5, classes=3, numbers=12):
    """Classes that lie apart, by two stages of which only the last one says anything; each picture in its own group."""
    draw = np.random.default_rng(seed)
    labels = np.arange(n) % classes
    noise = draw.normal(size=(n, 5))
    last = draw.normal(size=(n, numbers)) + apart * np.eye(classes, numbers)[labels]
    x = np.concatenate([noise, last], axis=1)
    return Examples(x, {"block4": 5, "block5": numbers}, labels, np.arange(n), classes)


@pytest.fixture(scope="module")
def curve():
    return learning_curve(drawn(180, 0), TRIED)


def test_sizes_grow_by_the_square_root_of_two_up_to_what_folds_leave(curve):
    sizes = [one.per_class for one in curve.points]
    assert sizes[-1] == pytest.approx(48)
    assert sizes == pytest.approx([48 / 2 ** (step / 2) for step in range(6, -1, -1)], abs=0.5)


def test_accuracy_grows_and_twice_the_pictures_bring_what_was_foreseen(curve):
    assert curve.points[-1].accuracy - curve.points[0].accuracy > 0.05
    now, twice, _ = curve.forecasts
    assert (now.per_class, twice.per_class) == (60, 120)
    found = learning_curve(drawn(450, 1), TRIED).points[-1]  # four fifths of it are 120 a class
    assert found.per_class == pytest.approx(120)
    assert twice.low <= found.accuracy <= twice.high
    assert twice.high - twice.low < 0.25


def test_the_standard_error_is_that_of_fewer_pictures(curve):
    last = curve.points[-1]
    assert last.error == pytest.approx((last.accuracy * (1 - last.accuracy) * SHARED / 180) ** 0.5, rel=0.2)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_curve_of_the_designs_stages_alone(curve):
    examples = drawn(180, 0)
    other = replace(examples, x=examples.x * np.append(np.full(5, 100.0), np.ones(12)))
    assert learning_curve(other, TRIED) == curve
    assert learning_curve(examples, TRIED, seed=1) != curve


@pytest.mark.slow
def test_no_group_is_trained_on_and_held_out():
    """Copies of pictures whose labels mean nothing: who has seen a copy knows the label."""
    draw = np.random.default_rng(0)
    x, labels = draw.normal(size=(60, 90)).repeat(2, axis=0), (draw.permutation(60) % 2).repeat(2)
    apart = Examples(x, {"block5": 90}, labels, np.arange(120), 2)
    whole = replace(apart, groups=np.arange(60).repeat(2))
    apart, whole = (learning_curve(one, replace(TRIED, strength=100.0)) for one in (apart, whole))
    assert apart.points[-1].accuracy > 0.75
    assert whole.points[-1].accuracy < 0.65
    assert "no more than chance" in whole.doubt


def test_groups_are_trained_on_whole_and_rare_classes_keep_their_share():
    labels = (np.arange(200) % 10 == 0).astype(int)  # a tenth
    groups = np.arange(200) // 40 * 10 + np.arange(200) % 10  # of four
    curve = learning_curve(replace(drawn(200, 2, classes=2), labels=labels, groups=groups), TRIED)
    assert all(one.per_class * 2 % 4 == pytest.approx(0, abs=1.5) for one in curve.points)
    assert curve.points[0].per_class * 2 >= 0.8 * 200 / 8


def test_few_pictures_get_a_point_and_a_reason():
    curve = learning_curve(drawn(12, 3), TRIED)
    assert len(curve.points) == 1
    assert curve.doubt == "there are pictures for 1 sizes; 4 are needed"
