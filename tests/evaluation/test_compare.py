import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from kerasvgg.evaluation.aligned import AlignedPredictions, align_predictions
from kerasvgg.evaluation.compare import agreement, compare, compare_runs
from kerasvgg.evaluation.predictions import Prediction, write_predictions
from kerasvgg.evaluation.statistics import wilson
from kerasvgg.files.run_folder import RunFolder


def test_each_pair_is_counted_on_what_only_one_has_right():
    draw = np.random.default_rng(0)
    right = draw.random((3, 400)) < np.array([[0.95], [0.9], [0.6]])
    pairs = compare(right.tolist())
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (0, 2), (1, 2)]
    for pair in pairs:
        one, other = right[pair.first], right[pair.second]
        assert (pair.b, pair.c) == ((one & ~other).sum(), (other & ~one).sum())
        assert pair.p == pytest.approx(binomtest(pair.b, pair.b + pair.c).pvalue, rel=1e-9)
        assert pair.corrected >= pair.p
    assert pairs[1].better == 0


def test_with_two_runs_nothing_is_corrected_and_equal_ones_do_not_differ():
    (pair,) = compare([[True, False, True], [True, False, True]])
    assert (pair.b, pair.c, pair.p, pair.corrected, pair.better) == (0, 0, 1, 1, None)


def test_the_second_may_be_better_and_holm_may_take_it_back():
    worse, better = [False] * 6 + [True] * 20, [True] * 26
    assert compare([worse, better])[0].better == 1  # p = 2 / 64
    among_four = compare([worse, better, better, better])
    assert among_four[0].p == 2 / 64
    assert among_four[0].better is None


def test_two_passes_agree_or_it_is_said_how_far_they_do_not():
    def one(path, share):
        return Prediction(path, "a", "a" if share > 0.5 else "b", (share, 1 - share))

    before = [one("1", 0.9), one("2", 0.6), one("3", 0.2)]
    assert agreement(before, before) == (0, 0, 0)
    found = agreement(before, [one("2", 0.4), one("1", 0.9), one("4", 0.2)])
    assert (found.changed, found.missing) == (1, 2)
    assert found.largest == pytest.approx(0.2)


def several(right: np.ndarray) -> AlignedPredictions:
    """A run's predictions of pictures that all have a and no b, each of which it says rightly or not (n, 2)."""
    said = ["|".join(name for name, there in zip("ab", row ^ (False, True), strict=True) if there) for row in right]
    told = {("", "a", i): Prediction(str(i), "a", one, (0.5, 0.5)) for i, one in enumerate(said)}
    return AlignedPredictions(RunFolder(Path("run")), ("a", "b"), told, {}, "test", {}, True, 1.0, 0)


def test_several_classes_are_compared_one_by_one_and_corrected_together():
    draw = np.random.default_rng(0)
    right = draw.random((3, 200, 2)) < np.array([[[0.95, 0.8]], [[0.9, 0.8]], [[0.6, 0.8]]])
    pairs, classes = compare_runs([several(one) for one in right])
    assert list(classes) == ["a", "b"]
    found = [pair for some in classes.values() for pair in some]
    for place, name in enumerate("ab"):
        for pair in classes[name]:
            one, other = right[pair.first, :, place], right[pair.second, :, place]
            assert (pair.b, pair.c) == ((one & ~other).sum(), (other & ~one).sum())
            assert pair.p == pytest.approx(binomtest(pair.b, pair.b + pair.c).pvalue, rel=1e-9)
    order = sorted(found, key=lambda pair: pair.p)
    holm = np.maximum.accumulate([min(1, (6 - rank) * pair.p) for rank, pair in enumerate(order)])
    assert [pair.corrected for pair in order] == pytest.approx(holm)
    whole = right.all(axis=2)
    assert (pairs[0].b, pairs[0].c) == ((whole[0] & ~whole[1]).sum(), (whole[1] & ~whole[0]).sum())


def test_a_repeated_cross_validation_is_compared_by_its_first_time(tmp_path):
    rows = [Prediction(f"{i}.png", "a", "a" if i % 4 else "b", (0.7, 0.3) if i % 4 else (0.3, 0.7)) for i in range(12)]
    other = [Prediction(one.path, "a", "b", (0.3, 0.7)) for one in rows]
    for name, some, repeats in (("once", rows, 1), ("twice", [*rows, *other], 2)):
        write_predictions(tmp_path / name / "predictions.csv", ("a", "b"), some)
        figures = {"split": "folds", "role": "held out", "n": len(some), "independent": 6.0, "repeats": repeats}
        (tmp_path / name / "metrics.json").write_text(json.dumps(figures))
    once, twice = align_predictions([tmp_path / "once", tmp_path / "twice"])
    assert [one.predicted for one in twice.predictions.values()] == [one.predicted for one in rows]
    assert twice.scored == "folds, the first of 2 times"
    assert once.figures["interval_95"] == twice.figures["interval_95"] == pytest.approx(wilson(4.5, 6.0))
