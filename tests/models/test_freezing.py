import keras
import numpy as np
import pytest
from keras import layers
from random_backbones import DEEPER, EVERY, pictures

from kerasvgg.backbones.registry import BACKBONES
from kerasvgg.errors import ConfigError
from kerasvgg.models.freezing import CutModel

HEAD = ("head",)
BATCH = 4


def _is_cut_after(model, cut: str, layer: str) -> bool:
    return model.get_layer(cut).input is model.get_layer(layer).output


# Small graphs


def _residual():
    """Two residual blocks; the first has a convolution on its shortcut, the second drops its branch."""
    pictures = keras.Input((8, 8, 3), name="pictures")
    x = layers.Rescaling(1 / 255, name="preprocessing")(pictures)
    x = layers.Conv2D(4, 3, padding="same", name="stem")(x)
    shortcut = layers.Conv2D(4, 1, name="a_0")(x)
    branch = layers.Conv2D(4, 3, padding="same", activation="tanh", name="a_1")(x)
    branch = layers.Conv2D(4, 3, padding="same", name="a_2")(branch)
    x = layers.Add(name="a_out")([shortcut, branch])
    branch = layers.Conv2D(4, 3, padding="same", activation="tanh", name="b_1")(x)
    branch = layers.Dropout(0.5, noise_shape=(None, 1, 1, 1), name="b_drop")(branch)
    x = layers.Add(name="b_out")([x, branch])
    x = layers.GlobalAveragePooling2D(name="head_average")(x)
    x = layers.Dropout(0.5, name="head_dropout")(x)
    return keras.Model(pictures, layers.Dense(2, activation="softmax", name="head_output")(x), name="residual")


@pytest.mark.parametrize(
    ("trained", "after"),
    [
        ("stem", None),
        ("a_0", "stem"),
        ("a_1", "stem"),
        ("a_2", "stem"),
        ("b_1", "a_out"),
        ("head_output", "head_average"),
    ],
)
def test_a_residual_network_is_cut_between_its_blocks(trained, after):
    model = _residual()
    (cut,) = CutModel(model, [(trained,)]).cuts
    assert cut is after or _is_cut_after(model, cut, after)


def test_a_model_that_was_saved_and_opened_is_cut_as_before():
    model = keras.Model.from_config(_residual().get_config())
    cut_model = CutModel(model, [("b_1", "head")])
    trunk, rest = cut_model.before(cut_model.root), cut_model.after(cut_model.root)
    assert [layer.name for layer in trunk.layers] == ["pictures", "preprocessing", "stem", "a_1", "a_0", "a_2", "a_out"]
    assert [layer.name for layer in rest.layers][1:] == [layer.name for layer in model.layers[len(trunk.layers) :]]
    assert CutModel(model, [("b_1", "head")]).cuts == cut_model.cuts  # also after it was cut


def test_a_layer_that_takes_one_tensor_twice_is_no_place_for_a_cut():
    pictures_ = keras.Input((4, 3), name="pictures")
    x = layers.Dense(3, name="first")(pictures_)
    x = layers.Dense(3, name="second")(x)
    x = layers.MultiHeadAttention(1, 2, name="attention")(x, x)
    model = keras.Model(pictures_, layers.Dense(1, name="head_output")(x))
    assert CutModel(model, [("attention", "head")]).root == "second"


def test_dropout_of_the_base_does_not_count_where_it_is_frozen_and_the_heads_does():
    model = _residual()
    assert CutModel(model, [HEAD, ("head_output",)]).cuts == ("head_dropout", "head_dropout")


def test_batch_normalisation_with_fixed_statistics_never_trains():
    pictures_ = keras.Input((32, 32, 3), name="pictures")
    x = layers.BatchNormalization(name="block1_bn")(layers.Conv2D(2, 3, name="block1_conv")(pictures_))
    model = keras.Model(pictures_, layers.Dense(1, name="head_output")(layers.Flatten(name="head_flatten")(x)))
    for fixed, trained in ((True, [True, False, True]), (False, [True, True, True])):
        CutModel(model, [("block1", "head")], fixed_statistics=fixed)
        assert [layer.trainable for layer in model.layers if layer.weights] == trained


@pytest.mark.parametrize("seed", range(20))
def test_the_cut_is_the_last_tensor_that_every_way_leads_through(seed):
    model, trained = _random_graph(np.random.default_rng(seed))
    cut_model = CutModel(model, [(trained,)])
    first = min(_index(model, layer.name) for layer in model.layers if layer.trainable_weights)
    before = [layer.name for layer in model.layers[:first]]
    expected = [name for name in before if not _reaches(model, name) and _has_weights_up_to(model, name)]
    assert (cut_model.root is None) == (not expected)
    if expected:
        assert _is_cut_after(model, cut_model.root, expected[-1])
        trunk, rest = cut_model.before(cut_model.root), cut_model.after(cut_model.root)
        x = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
        assert np.allclose(rest(trunk(x)), model(x), atol=1e-6)
        assert not trunk.trainable_weights
        assert len(rest.trainable_weights) == len(model.trainable_weights)


def _index(model, name):
    return [layer.name for layer in model.layers].index(name)


def _random_graph(draw):
    """Dense layers and sums at random, so that there are many ways from the input to the output."""
    tensors = [keras.Input((3,), name="pictures")]
    unused, dense = {0}, []
    while len(tensors) < 12:
        chosen = sorted(set(draw.choice(range(max(0, len(tensors) - 3), len(tensors)), 2)))
        if len(chosen) == 2:
            made = layers.Add(name=f"n{len(tensors)}")([tensors[i] for i in chosen])
        else:
            dense.append(f"n{len(tensors)}")
            made = layers.Dense(3, name=dense[-1])(tensors[chosen[0]])
        unused = (unused - set(chosen)) | {len(tensors)}
        tensors.append(made)
    open_ = [tensors[i] for i in sorted(unused)]
    x = layers.Add(name="sum")(open_) if len(open_) > 1 else open_[0]
    made = keras.Model(tensors[0], layers.Dense(2, name="head_output")(x))
    used = [layer.name for layer in made.layers if layer.weights]
    return made, str(draw.choice(used))


def _reaches(model, without: str) -> bool:
    """Tells whether a way leads from the input to the output past the layer."""
    reached = set()
    for layer in model.layers:
        inputs = [] if isinstance(layer, layers.InputLayer) else keras.tree.flatten(layer.input)
        if layer.name != without and (not inputs or any(id(tensor) in reached for tensor in inputs)):
            reached.add(id(layer.output))
    return id(model.outputs[0]) in reached


def _has_weights_up_to(model, name: str) -> bool:
    return bool(keras.Model(model.inputs, model.get_layer(name).output).weights) if name != "pictures" else False


def test_a_layer_that_is_called_twice_is_refused():
    pictures_ = keras.Input((3,), name="pictures")
    twice = layers.Dense(3, name="twice")
    model = keras.Model(pictures_, layers.Dense(1, name="head_output")(twice(twice(pictures_))), name="shared")
    with pytest.raises(ConfigError, match="must call each layer once, received shared"):
        CutModel(model, [HEAD])


# Backbones

LAST_STAGE = {  # cut where the last stage trains, with its batch normalisation and without
    "resnet50v2": ("conv4_block6_out", "conv5_block1_preact_relu"),
    "mobilenetv3_large": ("expanded_conv_11_add", "expanded_conv_11_add"),
    "efficientnetv2_b0": ("block5e_add", "block5e_add"),
    "efficientnetv2_b1": ("block5f_add", "block5f_add"),
    "efficientnetv2_b2": ("block5f_add", "block5f_add"),
    "efficientnetv2_b3": ("block5g_add", "block5g_add"),
    "convnext_tiny": ("convnext_tiny_stage_2_block_8_add", "convnext_tiny_stage_2_block_8_add"),
    "densenet121": ("conv4_block24_concat", "pool4_relu"),
}


@pytest.mark.sampled(by_default=4)
@pytest.mark.parametrize("name", EVERY)
def test_a_backbone_trains_from_the_output_of_the_stage_before(name, smallest):
    backbone, model = BACKBONES[name], smallest(name)
    first, *_, last = backbone.stages
    phases = [HEAD, (last, "head"), ("*",), (first, "head")]
    cuts = CutModel(model, phases, stages=backbone.stages).cuts
    assert cuts[2:] == (None, None)
    assert _is_cut_after(model, cuts[0], "head_average")
    assert _is_cut_after(model, cuts[1], LAST_STAGE[name][0])
    fixed = CutModel(model, [(last, "head")], stages=backbone.stages, fixed_statistics=True)
    assert _is_cut_after(model, fixed.root, LAST_STAGE[name][1])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in LAST_STAGE if name not in DEEPER])
def test_training_on_cached_features_is_training_uncut(name, short):
    _same_training(short(name), BACKBONES[name], list(BACKBONES[name].stages)[-1:])


@pytest.mark.very_slow
@pytest.mark.parametrize("name", LAST_STAGE)
def test_training_some_stages_of_all_blocks_on_cached_features_is_training_uncut(name, whole):
    backbone, model = BACKBONES[name], whole(name)
    for stages in (list(backbone.stages)[-2:], list(backbone.stages)[1:3], []):
        _same_training(model, backbone, stages)


def _same_training(model, backbone, stages) -> None:
    """Trains on cached features, and from pictures with what is frozen before the cut in inference mode."""
    cut_model = CutModel(model, [(*stages, "head")], stages=backbone.stages, fixed_statistics=True)
    trunk, rest = cut_model.before(cut_model.root), cut_model.after(cut_model.root)
    idle = [layer for layer in trunk.layers if hasattr(layer, "seed_generator")]
    images, classes = pictures((64, 64), 8), np.arange(8) % 3
    # In the batches of the training: where the last bits differ, one relu in a thousand is on instead of off.
    features = np.concatenate([np.asarray(trunk(images[i : i + BATCH], training=False)) for i in range(0, 8, BATCH)])
    start, seeds, rates = model.get_weights(), _seeds(model), [layer.rate for layer in idle]
    try:
        on_features = _trained(rest, features, classes, model)
        model.set_weights(start)
        for generator, state in seeds:
            generator.state.assign(state)
        for layer in idle:
            layer.rate = 0.0
        uncut = _trained(model, images, classes, model)
    finally:
        model.set_weights(start)
        for layer, rate in zip(idle, rates, strict=True):
            layer.rate = rate
    moved = [np.linalg.norm(after - before) for after, before in zip(uncut, start, strict=True)]
    apart = [np.linalg.norm(a - b) for a, b in zip(on_features, uncut, strict=True)]
    assert len([way for way in moved if way]) == len(model.trainable_weights)
    assert all(a <= 1e-3 * way for a, way in zip(apart, moved, strict=True))


def _seeds(model):
    generators = [layer.seed_generator for layer in model.layers if hasattr(layer, "seed_generator")]
    return [(generator, np.array(generator.state)) for generator in generators]


def _trained(trained, x, classes, model) -> list[np.ndarray]:
    optimizer = keras.optimizers.SGD(1e-3, momentum=0.9)
    trained.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=True, jit_compile=False)
    trained.fit(x, classes, batch_size=BATCH, shuffle=False, verbose=0)
    return model.get_weights()
