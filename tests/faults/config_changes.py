"""Configurations that no Keras wrote: still JSON, with other things in it."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

Place = tuple[Any, Any]  # a dictionary or list, and the key or index in it
WORDS = (
    *("", " ", "a" * 5000, "\ud800", "x\udfff/y", "\x00", "../x", "a/b", "é\u202e\u0301", "[red]x[/red]", ":0", "None"),
    *("channels_first", "same", "valid", "causal", "relu", "softmax", "nope", "float16", "int8", "string", "th", "tf"),
)
CLASSES = (
    *("Dense", "Conv2D", "Conv1D", "Flatten", "Add", "Concatenate", "InputLayer", "Sequential", "Functional", "Model"),
    *("BatchNormalization", "TimeDistributed", "Bidirectional", "LSTM", "Merge", "TFOpLambda", "Convolution2D"),
    *("Reshape", "Embedding", "MultiHeadAttention", "Normalization", "Lambda", "function", "__numpy__", "PReLU"),
    *("DepthwiseConv2D", "SeparableConv2D", "ZeroPadding2D", "UpSampling2D", "Cropping2D", "Permute", "RepeatVector"),
)
NUMBERS = (
    *(0, 1, -1, 2, 3, 7, 255, 1 << 31, 1 << 63, -(1 << 63), 10**30, 10**400, 0.5, -0.0, 1e308, 1e-320, 3.0, 1.5),
    *(float("nan"), float("inf"), -float("inf"), True, False),
)
LISTS: tuple[Any, ...] = (
    [], {}, [None], [[]], [[[]]], [1, 2], [3, 3, 3], [None, 4, 4, 3], [-1], ["a"], {"class_name": "Dense"}, [0, 0],
    {"class_name": None, "config": None}, {"a": {"b": {}}}, [1 << 40, 1 << 40], [["x", 0, 0, {}]], [None] * 9, [{}],
)  # fmt: skip
DEPTHS = (3, 30, 190, 210, 400)


def change_config(config: Any, chance: random.Random) -> str:
    """Returns JSON with one to four changes in it."""
    config = json.loads(json.dumps(config))
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        places = list(_places(config))
        if places:
            chance.choice(CHANGES)(places, chance)
    said = json.dumps(config)
    return _other_text(said, chance) if chance.random() < 0.04 else said


def _places(config: Any) -> Iterator[Place]:
    stack = [config]
    while stack:
        item = stack.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item))
        for key in keys:
            yield item, key
            if isinstance(item[key], dict | list):
                stack.append(item[key])


def _some(places: list[Place], chance: random.Random, *keys: str) -> Place:
    """Returns one with such a key, if there is any: there are far fewer names than settings."""
    return chance.choice([place for place in places if place[1] in keys] or places)


def _delete(places: list[Place], chance: random.Random) -> None:
    item, key = chance.choice(places)
    del item[key]


def _retype(places: list[Place], chance: random.Random) -> None:
    item, key = chance.choice(places)
    item[key] = _anything(chance)


def _anything(chance: random.Random) -> Any:
    return json.loads(json.dumps(chance.choice((None, *(chance.choice(many) for many in (WORDS, NUMBERS, LISTS))))))


def _setting(places: list[Place], chance: random.Random) -> None:
    keys = ("units", "filters", "kernel_size", "strides", "padding", "axis", "activation", "batch_shape", "dtype",
            "batch_input_shape", "pool_size", "rate", "data_format", "layer", "groups", "dilation_rate", "trainable",
            "use_bias", "target_shape", "input_shape", "scale", "offset")  # fmt: skip
    item, key = _some(places, chance, *keys)
    item[key] = _anything(chance)


def _class(places: list[Place], chance: random.Random) -> None:
    item, key = _some(places, chance, "class_name")
    item[key] = chance.choice((*CLASSES, *WORDS))


def _name(places: list[Place], chance: random.Random) -> None:
    """Gives a layer another's name, or one of nobody."""
    item, key = _some(places, chance, "name")
    other, of_other = _some(places, chance, "name")
    item[key] = chance.choice((chance.choice(WORDS), other[of_other], other[of_other]))


def _wiring(places: list[Place], chance: random.Random) -> None:
    item, key = _some(places, chance, "inbound_nodes", "input_layers", "output_layers", "keras_history", "args")
    other, of_other = _some(places, chance, "inbound_nodes", "input_layers", "output_layers", "keras_history", "args")
    name, of_name = _some(places, chance, "name")
    node = [name[of_name], chance.choice((0, 0, 1, -1, 1 << 40)), chance.choice((0, 0, 1, -1))]
    nodes = (other[of_other], [[[*node, {}]]], node, [node, node], [], [[]], [[[*node, {}]], [[*node, {}]]])
    item[key] = json.loads(json.dumps(chance.choice(nodes)))


def _circle(places: list[Place], chance: random.Random) -> None:
    """Has one reference to a layer name another layer, itself perhaps."""
    names = [item[key] for item, key in places if key == "name" and isinstance(item[key], str)]
    references = [(item, key) for item, key in places if key == 0 and item[0] in names]
    if references:
        item, key = chance.choice(references)
        item[key] = chance.choice(names)


def _copy(places: list[Place], chance: random.Random) -> None:
    (item, key), (other, of_other) = chance.choice(places), chance.choice(places)
    other[of_other] = json.loads(json.dumps(item[key]))


def _swap(places: list[Place], chance: random.Random) -> None:
    lists = [item for item, key in places if isinstance(item, list) and key == 1]
    if lists:
        chosen = chance.choice(lists)
        one, two = chance.randrange(len(chosen)), chance.randrange(len(chosen))
        chosen[one], chosen[two] = chosen[two], chosen[one]


def _twice(places: list[Place], chance: random.Random) -> None:
    lists = [item for item, key in places if isinstance(item, list) and key == 0]
    if lists:
        chosen = chance.choice(lists)
        chosen.insert(chance.randrange(len(chosen) + 1), json.loads(json.dumps(chance.choice(chosen))))


def _nest(places: list[Place], chance: random.Random) -> None:
    item, key = chance.choice(places)
    for _ in range(chance.choice((1, 1, 1, *DEPTHS))):
        item[key] = [item[key]] if chance.random() < 0.7 else {chance.choice(("config", "layer", "a")): item[key]}


def _model_in_itself(places: list[Place], chance: random.Random) -> None:
    """Puts a whole model, or what is around it, in place of a layer."""
    item, key = _some(places, chance, "layers")
    if isinstance(item[key], list) and item[key]:
        place = chance.randrange(len(item[key]))
        item[key][place] = json.loads(json.dumps({"class_name": "Sequential", "config": item, "name": "again"}))


def _rename_key(places: list[Place], chance: random.Random) -> None:
    item, key = chance.choice(places)
    if isinstance(item, dict):
        item[chance.choice((*WORDS, "lr", "module", "registered_name", "build_config", "layers", "fn"))] = item.pop(key)


CHANGES: tuple[Callable[[list[Place], random.Random], None], ...] = (
    _delete, _retype, _setting, _setting, _setting, _class, _name, _wiring, _wiring, _circle, _copy, _swap, _twice,
    _nest, _model_in_itself, _rename_key,
)  # fmt: skip


def _other_text(said: str, chance: random.Random) -> str:
    """Returns what is hardly JSON any more."""
    place = chance.randrange(len(said))
    return chance.choice(
        (
            said[:place],
            said[:place] + chance.choice('{}[]",:\\0') + said[place:],
            said.replace('"name"', '"class_name"', 1),
            said.replace(":", ": " + "9" * 5000 + ', "x":', 1),
            "[" * 100_000,
            "\ufeff" + said,
            said + said,
            "null",
        )
    )
