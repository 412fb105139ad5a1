import numpy as np
import pytest

from kerasvgg.selection.folds import stratified_group_folds


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_held_out_as_a_whole_and_classes_are_spread(seed):
    draw = np.random.default_rng(seed)
    labels, groups = draw.integers(0, 3, 120), draw.integers(0, 70, 120)
    folds = stratified_group_folds(labels, groups, seed=seed)
    assert set(folds) == set(range(5))
    assert all(len(set(folds[groups == group])) == 1 for group in np.unique(groups))
    counts = np.array([np.bincount(labels[folds == fold], minlength=3) for fold in range(5)])
    assert counts.min() >= 4


def test_a_class_of_three_gives_three_folds_and_one_of_a_single_group_two():
    labels = np.array([0] * 9 + [1] * 3)
    assert set(stratified_group_folds(labels, np.arange(12))) == {0, 1, 2}
    assert set(stratified_group_folds(labels, np.array([*range(9), 9, 9, 9]))) == {0, 1}


def test_the_seed_decides():
    labels, groups = np.arange(60) % 2, np.arange(60)
    first, again, other = (stratified_group_folds(labels, groups, seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
