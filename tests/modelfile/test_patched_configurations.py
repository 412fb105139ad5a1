"""Configurations patched as data, a layer at a time."""

import copy
import random

import pytest

from kerasvgg.errors import ModelFileError
from kerasvgg.modelfile.read.saved import Saved
from kerasvgg.modelfile.upgrade import upgrade


def saved(config, version="2.7.0", training=None, container="h5"):
    return Saved(container, version, "tensorflow", config, training, (), None)


def sequential(*layers, shape=(None, 8, 8, 3), **more):
    inputs = {"class_name": "InputLayer", "config": {"batch_input_shape": list(shape), "name": "in"}}
    return {"class_name": "Sequential", "config": {"name": "s", "layers": [inputs, *layers]}, **more}


def layer(kind, **settings):
    return {"class_name": kind, "config": {"name": kind.lower(), **settings}}


def functional(*layers, output):
    inputs = {"class_name": "InputLayer", "name": "in", "inbound_nodes": []}
    inputs["config"] = {"batch_input_shape": [None, 8, 8, 3], "name": "in"}
    config = {"name": "f", "layers": [inputs, *layers], "input_layers": [["in", 0, 0]]}
    return {"class_name": "Functional", "config": config | {"output_layers": [[output, 0, 0]]}}


def operation(function, *node, kind="TFOpLambda", **options):
    head = [*(node or ("in", 0, 0)), options]
    config = {"name": "op", "function": function}
    return {"class_name": kind, "name": "op", "config": config, "inbound_nodes": [head]}


def last(upgraded):
    return upgraded.config["config"]["layers"][-1]


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (layer("Lambda", function=["code"]), "code"),
        (layer("Halved"), "Halved is not a class of Keras 3"),
        (layer("Addons>GroupNorm"), "not a class of Keras 3"),
        (layer("DepthwiseConv2D", kernel_size=[3, 3], groups=2), "`groups`, which is 2"),
        (layer("Dense", units=2, activation="hard_sigmoid"), "0.2 x"),
        (layer("Dense", units=2, activation="my_function"), "'my_function' is not a function of Keras 3"),
        (layer("BatchNormalization", mode=1), "mode 0"),
        (layer("BatchNormalization", renorm_of_mine=5), "has no `renorm_of_mine`, which is 5"),
        (layer("TFSMLayer", filepath="x"), "another model"),
        (operation("py_function"), "code that no layer"),
        (operation("math.truediv", "_CONSTANT_VALUE", -1, 2.0, y=["in", 0, 0]), "divides by"),
        (operation("math.truediv", y=0), "divides by 0"),
        (operation("math.reduce_mean", axis=[0]), "not height and width"),
        (operation("clip_by_value", clip_value_min=-1, clip_value_max=1), "0 below"),
        (operation("concat", axis=0), "batch"),
        (operation("__operators__.getitem", slice_spec=[{"start": 1, "stop": 5, "step": None}]), "cuts a part out"),
    ],
)
def test_what_no_layer_does_in_the_same_way_is_an_obstacle(one, reason):
    config = functional(one, output="op") if "inbound_nodes" in one else sequential(one)
    assert any(reason in text for text in upgrade(saved(config)).obstacles), upgrade(saved(config)).obstacles


@pytest.mark.parametrize(
    ("one", "kind", "settings"),
    [
        (operation("math.truediv", y=127.5), "Rescaling", {"scale": 1 / 127.5, "offset": 0.0}),
        (operation("math.subtract", y=1), "Rescaling", {"scale": 1.0, "offset": -1}),
        (
            operation("math.subtract", "_CONSTANT_VALUE", -1, 1, y=["in", 0, 0]),
            "Rescaling",
            {"scale": -1.0, "offset": 1},
        ),
        (operation("__operators__.mul", y=[1.0, 2, 3]), "Rescaling", {"scale": [1.0, 2, 3], "offset": 0.0}),
        (operation("nn.bias_add", bias=[-1.0, 2, 3]), "Rescaling", {"scale": 1.0, "offset": [-1.0, 2, 3]}),
        (operation("nn.relu", name=None), "Activation", {"activation": "relu"}),
        (operation("math.add", y=["in", 0, 0]), "Add", {}),
        (operation("clip_by_value", clip_value_min=0, clip_value_max=6), "ReLU", {"max_value": 6.0}),
        (operation("cast", dtype="float32"), "Activation", {"activation": "linear"}),
        (operation("math.reduce_mean", axis=[1, 2]), "GlobalAveragePooling2D", {"keepdims": False}),
    ],
)
def test_an_operation_becomes_the_layer_that_does_the_same(one, kind, settings):
    upgraded = upgrade(saved(functional(one, output="op")))
    assert not upgraded.obstacles
    assert last(upgraded)["class_name"] == kind
    assert settings.items() <= last(upgraded)["config"].items()
    assert all(len(head) == 4 for head in last(upgraded)["inbound_nodes"][0])
    assert upgraded.changes == (f"op: tf.{one['config']['function']} becomes {kind}",)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            layer("Convolution2D", nb_filter=4, nb_row=3, nb_col=5, border_mode="same", subsample=[2, 1], bias=False,
                dim_ordering="th", init="uniform", W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.1}),
            layer("Conv2D", filters=4, kernel_size=[3, 5], padding="same", strides=[2, 1], use_bias=False,
                data_format="channels_first",
                kernel_regularizer={"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.1}}),
        ),
        (layer("Dense", output_dim=3, input_dim=5, b_constraint={"name": "MaxNorm", "m": 2, "axis": 0}),
            layer("Dense", units=3, bias_constraint={"class_name": "MaxNorm", "config": {"max_value": 2, "axis": 0}})),
        (layer("Dropout", p=0.3), layer("Dropout", rate=0.3)),
        (layer("GaussianNoise", sigma=0.3), layer("GaussianNoise", stddev=0.3)),
        (layer("ZeroPadding2D", padding=[1, 2, 3, 4], dim_ordering="tf"),
            layer("ZeroPadding2D", padding=[[1, 2], [3, 4]], data_format="channels_last")),
        (layer("Convolution1D", nb_filter=4, filter_length=3, subsample_length=2, border_mode="valid"),
            layer("Conv1D", filters=4, kernel_size=3, strides=2, padding="valid")),
        (layer("AtrousConvolution2D", nb_filter=4, nb_row=3, nb_col=3, atrous_rate=[2, 2]),
            layer("Conv2D", filters=4, kernel_size=[3, 3], dilation_rate=[2, 2])),
    ],
)  # fmt: skip
def test_keras_1_spoke_of_the_same_things_otherwise(old, new):
    changed = last(upgrade(saved(sequential(old), "1.2.2")))
    assert changed["class_name"] == new["class_name"]
    assert changed["config"] == new["config"] | {"name": old["config"]["name"]}


def test_zero_padding_of_keras_1_has_the_ordering_of_its_neighbours():
    convolution = layer("Convolution2D", nb_filter=4, nb_row=3, nb_col=3, dim_ordering="th")
    config = {"class_name": "Sequential", "config": [layer("ZeroPadding2D", padding=[1, 1]), convolution]}
    padding, _ = upgrade(saved(config, "1.2.2")).config["config"]["layers"]
    assert padding["config"]["data_format"] == "channels_first"


@pytest.mark.parametrize(("mode", "kind"), [("sum", "Add"), ("concat", "Concatenate"), ("ave", "Average")])
def test_merge_becomes_the_layer_of_its_mode(mode, kind):
    merge = {**layer("Merge", mode=mode, concat_axis=3), "name": "merge"}
    merge["inbound_nodes"] = [[["in", 0, 0], ["in", 0, 0]]]
    changed = last(upgrade(saved(functional(merge, output="merge"), "1.2.2")))
    assert changed["class_name"] == kind
    assert changed["config"].get("axis") == (3 if mode == "concat" else None)


def test_calls_of_a_nested_model_are_counted_from_0_wherever_they_are_named():
    inner = sequential(layer("Dense", units=2)) | {
        "name": "s",
        "inbound_nodes": [[["in", 0, 0, {}]], [["d", 0, 0, {}]]],
    }
    dense = {**layer("Dense", units=3), "name": "d", "inbound_nodes": [[["s", 1, 0, {}]]]}
    config = functional(inner, dense, output="s")
    config["config"]["output_layers"] = [["s", 2, 0]]
    upgraded = upgrade(saved(config)).config["config"]
    assert upgraded["layers"][2]["inbound_nodes"] == [[["s", 0, 0, {}]]]
    assert upgraded["output_layers"] == [["s", 1, 0]]


def test_a_good_configuration_stays_as_it_is():
    config = sequential(layer("Dense", units=2, activation="relu"))
    upgraded = upgrade(saved(config, "3.15.1"))
    assert upgraded.config == config
    assert upgraded.config is not config
    assert not upgraded.changes
    assert not upgraded.obstacles


def test_what_is_read_is_not_changed():
    config = {"class_name": "Sequential", "config": [layer("Dropout", p=0.5, batch_input_shape=[None, 4])]}
    before = copy.deepcopy(config)
    assert upgrade(saved(config, "1.2.2")).changes
    assert config == before


def test_what_was_done_to_many_layers_is_told_once():
    convolutions = [layer("DepthwiseConv2D", kernel_size=[3, 3], groups=1) for _ in range(5)]
    for i, one in enumerate(convolutions):
        one["config"]["name"] = f"c{i}"
    (change,) = upgrade(saved(sequential(*convolutions))).changes
    assert change == "c0, c1 and 3 more: DepthwiseConv2D has no `groups` any more"


@pytest.mark.parametrize(
    ("said", "kept", "told"),
    [
        (("RMSprop", {"lr": 2e-5, "decay": 0.0, "rho": 0.9}), ("RMSprop", {"learning_rate": 2e-5, "rho": 0.9}), "`lr`"),
        (("Custom>Adam", {"learning_rate": 3e-5, "is_legacy_optimizer": False, "jit_compile": True}),
            ("Adam", {"learning_rate": 3e-5}), "Custom>Adam becomes Adam"),
        (("SGD", {"learning_rate": 0.1, "decay": 1e-6}), ("SGD", {"learning_rate": 0.1}), "`decay` any more"),
        (("LossScaleOptimizer", {"inner_optimizer": {"class_name": "SGD", "config": {"learning_rate": 0.1}}}),
            ("SGD", {"learning_rate": 0.1}), "without the scaling"),
    ],
)  # fmt: skip
def test_the_optimizer_keeps_its_class_and_learning_rate(said, kept, told):
    optimizer = dict(zip(("class_name", "config"), said, strict=True))
    training = {"optimizer_config": optimizer, "loss": "mse", "metrics": ["acc", "mine"]}
    upgraded = upgrade(saved(sequential(), training=training))
    assert upgraded.training["optimizer_config"] == dict(zip(("class_name", "config"), kept, strict=True))
    assert (upgraded.training["loss"], upgraded.training["metrics"]) == ("mean_squared_error", ["acc"])
    assert any(told in text for text in upgraded.training_changes)
    assert not upgraded.changes  # plain Keras opens the model itself


@pytest.mark.parametrize(
    "training", [{"optimizer_config": {"class_name": "Mine", "config": {}}, "loss": "mse"}, {"loss": "mse"}, None,
        {"optimizer_config": {"class_name": "SGD", "config": {}}, "loss": "my_loss"}],
)  # fmt: skip
def test_a_training_of_somebodys_own_is_not_kept(training):
    assert upgrade(saved(sequential(), training=training)).training is None


def test_no_training_setting_can_carry_an_object():
    evil = {"class_name": "__lambda__", "config": {"value": "x"}, "module": "builtins"}
    training = {"optimizer_config": {"class_name": "SGD", "config": {"learning_rate": evil}}, "loss": "mse"}
    assert "learning_rate" not in upgrade(saved(sequential(), training=training)).training["optimizer_config"]["config"]


@pytest.mark.parametrize("container", ["h5 weights", "weights.h5", "mat"])
def test_weights_alone_are_an_obstacle(container):
    assert len(upgrade(saved(None, container=container)).obstacles) == 1


def test_a_configuration_without_end_is_refused():
    deep = {"class_name": "Sequential", "config": []}
    for _ in range(300):
        deep = {"class_name": "Sequential", "config": [deep]}
    with pytest.raises(ModelFileError, match="deeper than 200"):
        upgrade(saved(deep))


JUNK = (
    None, True, -1, 10**400, 1.5, float("nan"), "", "th", "Lambda", "TFOpLambda", "_CONSTANT_VALUE", [], {}, [[]], [{}],
    {"class_name": 5, "config": []}, {"class_name": "Sequential", "config": [[], 5, None]}, ["a", 0, 0], ["a", 0],
    ["a", 0, 0, {}], {"class_name": "Merge", "config": {"mode": ["x"]}}, {"class_name": ["L"], "config": {"name": [1]}},
)  # fmt: skip


def _junked(draw, tree):
    """Puts something else in a few places of a configuration."""
    for _ in range(draw.choice((1, 2, 8))):
        place = tree
        while isinstance(place, dict | list) and place:
            key = draw.choice(list(place)) if isinstance(place, dict) else draw.randrange(len(place))
            if draw.random() < 0.25 or not isinstance(place[key], dict | list):
                place[key] = copy.deepcopy(draw.choice(JUNK))
                break
            place = place[key]
    return tree


def _any_model():
    inner = sequential(layer("Dropout", p=0.5), layer("Dense", output_dim=2)) | {"name": "s"}
    inner["inbound_nodes"] = [[["op", 0, 0, {}]]]
    flip = [{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": -1}]
    return functional(operation("__operators__.getitem", kind="SlicingOpLambda", slice_spec=flip), inner, output="s")


def test_whatever_stands_in_a_configuration_ends_in_an_answer():
    draw, answers = random.Random(0), 0
    for _ in range(2000):
        config, version = _junked(draw, _any_model()), draw.choice(("", "1.2.2", "2.7.0", "3.0.0", "x"))
        try:
            upgraded = upgrade(saved(config, version))
        except ModelFileError:
            continue
        answers += 1
        assert isinstance(upgraded.config, dict)
        assert all(isinstance(text, str) and len(text) < 1000 for text in (*upgraded.changes, *upgraded.obstacles))
    assert answers > 1000
