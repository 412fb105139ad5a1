import numpy as np
import pytest

from kerasvgg.errors import DataError
from kerasvgg.selection.folds import stratified_group_folds, stratified_sample


@pytest.mark.parametrize("seed", range(5))
def test_a_group_is_held_out_as_a_whole_and_classes_are_spread(seed):
    draw = np.random.default_rng(seed)
    labels, groups = draw.integers(0, 3, 120), draw.integers(0, 70, 120)
    folds = stratified_group_folds(labels, groups, seed=seed)
    assert set(folds) == set(range(5))
    assert all(len(set(folds[groups == group])) == 1 for group in np.unique(groups))
    counts = np.array([np.bincount(labels[folds == fold], minlength=3) for fold in range(5)])
    assert counts.min() >= 4


def test_a_rare_class_lowers_the_number_of_folds_of_no_other():
    labels = np.array([0] * 9 + [1] * 2)
    folds = stratified_group_folds(labels, np.arange(11))
    assert set(folds) == set(range(5))
    assert len(set(folds[9:])) == 2  # each of the two is predicted by a training that had the other


def test_there_are_no_more_folds_than_groups_or_pictures_of_the_commonest_class():
    assert set(stratified_group_folds(np.array([0, 1] * 6), np.arange(12) // 4)) == {0, 1, 2}
    assert set(stratified_group_folds(np.arange(12) // 3, np.arange(12))) == {0, 1, 2}
    with pytest.raises(DataError, match="must be of two groups"):
        stratified_group_folds(np.array([0, 1] * 6), np.zeros(12, dtype=int))


def test_a_sample_has_each_class_by_its_share_and_a_rare_one_in_full():
    labels = np.repeat([0, 1, 2], [9_000, 900, 15])
    places = stratified_sample(labels, 1_000)
    assert len(set(places)) == len(places) == 1_000
    counts = np.bincount(labels[places])
    assert counts[2] == 15
    assert counts[0] / counts[1] == pytest.approx(9, rel=0.15)
    assert np.bincount(labels[stratified_sample(labels, 30)]).tolist() == [10, 10, 10]
    assert (stratified_sample(labels, 9_915) == np.arange(9_915)).all()


def test_the_seed_decides():
    labels, groups = np.arange(60) % 2, np.arange(60)
    first, again, other = (stratified_group_folds(labels, groups, seed=seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
