"""What is compared, and what is refused; McNemar's test is held against scipy's."""

import numpy as np
import pytest
from scipy.stats import binomtest

from kerasvgg.export.int8 import fewest_floats, layer_of
from kerasvgg.export.proof import prove

NAMES = {"class_names": ["cat", "dog"], "thresholds": None}


def _rows(*of_dog: float) -> np.ndarray:
    return np.array([[1 - one, one] for one in of_dog])


def test_equal_answers_pass() -> None:
    rows = _rows(0.1, 0.9, 0.5)
    proof = prove(rows, rows.copy(), ["cat", "dog", "dog"], NAMES)
    assert (proof.n, proof.largest, proof.changed, proof.accuracy, proof.p) == (3, 0, 0, 2 / 3, 1)
    assert proof.refusals(is_int8=False) == []


def test_a_float32_export_must_be_the_same_and_one_in_int8_may_differ_a_little() -> None:
    before, now = _rows(*[0.2] * 300), _rows(*[0.2] * 299, 0.25)
    proof = prove(before, now, [None] * 300, NAMES)
    assert proof.largest == pytest.approx(0.05)
    assert proof.accuracy is None
    assert proof.refusals(is_int8=True) == []
    assert proof.refusals(is_int8=True, most_shift=0.01) == ["a probability moved by 0.05, more than 0.01"]
    assert proof.refusals(is_int8=False) == ["a probability moved by 0.05, more than 0.0001"]


def test_labels_count_where_keras_was_clear_about_them() -> None:
    near = prove(_rows(*[0.49] * 400), _rows(*[0.51] * 400), [None] * 400, NAMES)
    assert (near.changed, near.clear) == (400, 0)
    assert near.refusals(is_int8=True) == []
    for clear, refused in ((2, []), (3, ["3 of 400 labels changed that Keras is clear about, more than 2"])):
        before = _rows(*[0.45] * clear, *[0.3] * (400 - clear))
        now = _rows(*[0.52] * clear, *[0.3] * (400 - clear))
        assert prove(before, now, [None] * 400, NAMES).refusals(is_int8=True) == refused


def test_accuracy_that_falls_beyond_chance_is_refused() -> None:
    before, now = _rows(*[0.49] * 20), _rows(*[0.51] * 20)
    for wrong, refused in ((5, False), (6, True)):
        true = ["cat"] * wrong + [None] * (20 - wrong)
        proof = prove(before, now, true, NAMES)
        assert proof.p == pytest.approx(binomtest(0, wrong).pvalue)
        said = [f"accuracy fell from 100.0 to 0.0 % (McNemar's p {proof.p:.2g})"] if refused else []
        assert proof.refusals(is_int8=True) == said


def test_what_is_no_number_is_refused() -> None:
    proof = prove(_rows(0.3), _rows(float("nan")), [None], NAMES)
    assert proof.refusals(is_int8=True)[0] == "a probability moved by nan, more than 0.1"


def test_of_several_classes_each_has_its_threshold() -> None:
    about = {"class_names": ["a", "b"], "thresholds": (0.5, 0.2)}
    before, now = np.array([[0.51, 0.9], [0.6, 0.1]]), np.array([[0.49, 0.9], [0.45, 0.1]])
    proof = prove(before, now, ["a|b", ""], about)
    assert (proof.changed, proof.clear) == (2, 1)  # the first by 0.01 from its threshold, the second by 0.1
    assert (proof.accuracy_before, proof.accuracy) == (0.5, 0.5)


@pytest.mark.parametrize("needed", range(1, 17))
def test_no_more_layers_stay_in_float32_than_it_takes(needed: int) -> None:
    order, tried = [f"layer{number}" for number in range(16)], []

    def passes(floats: list[str]) -> bool:
        tried.append(len(floats))
        return len(floats) >= needed

    found = fewest_floats(order, passes)
    assert found == (order[:needed] if needed < 16 else None)
    assert len(tried) <= 4


@pytest.mark.parametrize(
    ("node", "layer"),
    [
        ("exported_1/vgg16_1/block1_conv1_1/BiasAdd", "block1_conv1"),
        ("exported_1/small_cnn_1/conv1_1/convolution;exported_1/small_cnn_1/conv1_1/Squeeze1", "conv1"),
        ("exported_1/small_cnn_1/dense_1_1/MatMul", "dense_1"),
        ("exported_1/small_cnn_1/head_flatten_1/Reshape", ""),
        ("exported_1/model_1/conv2d_1/convolution", "conv2d"),
        ("exported_1/model_1/conv2d_1_1/convolution", "conv2d_1"),
    ],
)
def test_a_node_is_known_by_its_layer(node: str, layer: str) -> None:
    assert layer_of(node, ["block1_conv1", "conv1", "dense_1", "dense", "conv2d", "conv2d_1"]) == layer
