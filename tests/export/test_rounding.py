"""Kernels in 255 steps: as optimal brain quantisation rounds them, nearer on pictures that were not seen."""

import keras
import numpy as np
import pytest
from scenes import scene

from kerasvgg.export.rounding import DAMPING, STEPS, round_kernels

LAST = "head_output"


def pictures(numbers: range) -> list[np.ndarray]:
    return [np.asarray(scene(number, (24, 24)), dtype=np.float32)[None] for number in numbers]


def model(**convolution: object) -> keras.Model:
    keras.utils.set_random_seed(2)
    given = keras.Input((24, 24, 3))
    x = keras.layers.Rescaling(1 / 255)(given)
    x = keras.layers.Conv2D(12, 3, activation="relu", name="conv", **convolution)(x)
    x = keras.layers.Conv2D(6, 3, strides=2, use_bias=False, padding="same", activation="relu", name="strided")(x)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = keras.layers.Flatten()(x)
    x = keras.layers.Dense(5, activation="relu", name="dense")(x)
    return keras.Model(given, keras.layers.Dense(3, name=LAST)(x))


def nearest(kernel: np.ndarray) -> np.ndarray:
    step = np.abs(kernel).max(axis=tuple(range(kernel.ndim - 1))) / STEPS
    return np.rint(kernel / step) * step


def one_after_the_other(kernel: np.ndarray, products: np.ndarray) -> np.ndarray:
    """Optimal brain quantisation in a fixed order, for one output: Frantar and Alistarh (2022), equation 3.

    After each weight it is taken out of the inverse, where the code under test takes rows of a Cholesky factor.
    """
    inverse = np.linalg.inv(products + DAMPING * np.diag(products).mean() * np.eye(len(products)))
    left, step, largest = kernel.copy(), np.abs(kernel).max() / STEPS, np.abs(kernel).argmax()
    for place in range(len(kernel)):
        taken = kernel[place] if place == largest else np.clip(np.rint(left[place] / step), -STEPS, STEPS) * step
        left[place + 1 :] -= (left[place] - taken) / inverse[place, place] * inverse[place, place + 1 :]
        left[place] = taken
        inverse -= np.outer(inverse[:, place], inverse[place]) / inverse[place, place]
    return left


def test_a_kernel_is_what_optimal_brain_quantisation_makes_of_it() -> None:
    made, seen = model(), pictures(range(12))
    before = np.asarray(made.get_layer("conv").kernel, dtype=np.float64).reshape(27, 12)
    patches = [
        picture[0, row : row + 3, column : column + 3].reshape(-1) / 255
        for picture in seen
        for row in range(22)
        for column in range(22)
    ]
    rows = np.array(patches, dtype=np.float64)
    assert round_kernels(made, [LAST], seen) == ["conv", "strided", "dense"]
    expected = np.stack([one_after_the_other(one, rows.T @ rows / len(rows)) for one in before.T], axis=1)
    after = np.asarray(made.get_layer("conv").kernel, dtype=np.float64).reshape(27, 12)
    steps = np.abs(before).max(axis=0) / STEPS
    assert np.mean(np.abs(after - expected) < steps / 10) > 0.99  # where two steps are as near, sums in float32 decide


def test_steps_are_those_that_a_quantiser_takes_and_the_last_layer_is_left_alone() -> None:
    made = model()
    before = {layer.name: layer.get_weights() for layer in made.layers}
    round_kernels(made, [LAST], pictures(range(4)))
    for name in ("conv", "strided", "dense"):
        old, new = before[name][0], made.get_layer(name).get_weights()[0]
        flat = new.reshape(-1, new.shape[-1])
        assert np.array_equal(np.abs(flat).max(axis=0), np.abs(old).reshape(flat.shape).max(axis=0))
        steps = flat / (np.abs(flat).max(axis=0) / STEPS)
        assert np.abs(steps - np.rint(steps)).max() < 1e-3
        assert not np.array_equal(old, new)
    for one, other in zip(before[LAST] + before["bn"], [*made.get_layer(LAST).get_weights(),
                                                        *made.get_layer("bn").get_weights()], strict=True):  # fmt: skip
        assert np.array_equal(one, other)


def test_what_was_not_seen_comes_out_nearer_than_by_rounding_each_weight() -> None:
    exact, ours, plain = model(), model(), model()
    round_kernels(ours, [LAST], pictures(range(40)))
    for name in ("conv", "strided", "dense"):
        layer = plain.get_layer(name)
        layer.kernel.assign(nearest(np.asarray(layer.kernel)))
    shown = np.concatenate(pictures(range(100, 160)))
    wanted = exact.predict_on_batch(shown)
    far = [float(np.abs(one.predict_on_batch(shown) - wanted).mean()) for one in (ours, plain)]
    assert far[0] < 0.7 * far[1]


@pytest.mark.parametrize("how", [{"groups": 3}, {"dilation_rate": 2}])
def test_grouped_convolutions_stay_and_dilated_ones_are_rounded(how: dict) -> None:
    made = model(**how)
    before = made.get_layer("conv").get_weights()[0]
    names = round_kernels(made, [LAST], pictures(range(3)))
    assert ("conv" in names) == ("groups" not in how)
    assert np.array_equal(before, made.get_layer("conv").get_weights()[0]) == ("groups" in how)
