import keras
import numpy as np
import pytest

from kerasvgg.errors import ConfigError
from kerasvgg.modelfile.open.load import without_variables
from kerasvgg.models.build import build_vgg
from kerasvgg.models.receptive_field import receptive_field, receptive_fields

VGG = {"A": (1, 1, 2, 2, 2), "B": (2, 2, 2, 2, 2), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4)}
SMALL = ["c3", "p2", "c3", "p2", "c3", "p2", "c3", "p2"]


def vgg_chain(counts: tuple[int, ...]) -> list[str]:
    return [step for count in counts for step in ["c3"] * count + ["p2"]]


def chain(steps: list[str], height: int) -> keras.Model:
    """A network of one channel on pictures that are one pixel wide; each kernel adds up what it sees."""
    layers = [keras.Input((height, 1, 1))]
    for i, step in enumerate(steps):
        side, stride = int(step[1]), int(step[3:] or 1) if step[0] == "c" else int(step[1])
        if step[0] == "c":
            layer = keras.layers.Conv2D(1, side, strides=stride, padding="same", use_bias=False, name=f"{i}")
            layer.kernel_initializer = keras.initializers.Ones()
        else:
            layer = keras.layers.MaxPooling2D(side, padding="same", name=f"{i}")
        layers.append(layer)
    return keras.Sequential(layers)


def seen_by_the_middle(model: keras.Model, height: int) -> int:
    """How many pixels, each made bright by itself, change the number in the middle of the output."""
    pictures = np.zeros((height + 1, height, 1, 1), np.float32)
    pictures[range(height), range(height)] = 1
    outputs = model.predict(pictures, verbose=0, batch_size=64)
    middle = outputs.shape[1] // 2
    return int((outputs[:-1, middle] != outputs[-1, middle]).sum())


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize(
    "steps",
    [*map(vgg_chain, VGG.values()), SMALL, ["c3"] * 2, ["c3"] * 3, ["c7"], ["c5s2", "c3", "p3", "c1", "c7s2", "c3"]],
    ids=[*VGG, "small_cnn", "two 3x3", "three 3x3", "one 7x7", "of all sizes"],
)
def test_it_is_what_changes_the_number_in_the_middle(steps):
    height = 640
    model = chain(steps, height)
    *_, last = receptive_fields(model)
    assert last.field[0] == seen_by_the_middle(model, height)
    assert last.stride[0] == round(height / model.output_shape[1])
    keras.backend.clear_session()


def test_two_3x3_see_what_one_5x5_does_and_three_what_one_7x7_does():
    assert [receptive_field([(3, 1)] * count) for count in (1, 2, 3)] == [3, 5, 7]


def test_a_dilated_kernel_sees_further():
    model = keras.Sequential([keras.Input((20, 20, 1)), keras.layers.Conv2D(1, (3, 2), dilation_rate=(4, 3))])
    assert next(receptive_fields(model)).field == (9, 4)


def test_behind_the_flattening_all_is_seen():
    with without_variables():
        seen = {one.layer.name: one.field for one in receptive_fields(build_vgg("D", batch_normalization=True))}
    assert seen["pictures"] == (1, 1)
    assert seen["block5_conv3_relu"] == (196, 196)
    assert seen["block5_pool"] == (212, 212)
    assert {seen[name] for name in ("flatten", "fc1", "fc1_dropout", "predictions")} == {None}


def _branched() -> keras.Model:
    entry = keras.Input((8, 8, 1))
    sides = [keras.layers.Conv2D(1, side, padding="same")(entry) for side in (3, 5)]
    return keras.Model(entry, keras.layers.Add()(sides))


def _upsampled() -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.UpSampling2D(2)])


def _nested() -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 1)), _upsampled()])


@pytest.mark.parametrize("make", [_branched, _upsampled, _nested])
def test_what_is_no_chain_of_windows_is_refused(make):
    with pytest.raises(ConfigError, match="`model` must"):
        list(receptive_fields(make()))
