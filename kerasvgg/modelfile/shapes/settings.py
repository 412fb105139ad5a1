"""What kinds of values Keras 3.15 takes for a layer's settings, as far as it refuses the others."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from kerasvgg.modelfile.safety.allowed import FUNCTIONS, INITIALIZERS, OTHERS
from kerasvgg.modelfile.safety.dangers import plain_name
from kerasvgg.modelfile.shapes.fields import MOST

TYPES = re.compile(r"(u?int(8|16|32|64)|b?float16|float(32|64)|float8_e4m3fn|float8_e5m2|complex(64|128)|bool|string)$")
POLICIES = re.compile(r"mixed_b?float16$|int[48](/\d+)?_from_\w+$|float8_from_\w+$|gptq/[-\w/]+$|awq/[-\w/]+$")
PADDED = ("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Cropping1D", "Cropping2D", "Cropping3D")
# Of initializers, regularizers and constraints, besides those that are no numbers.
ARGUMENTS = frozenset(
    [
        "factor",
        "gain",
        "l1",
        "l2",
        "max_value",
        "maxval",
        "mean",
        "min_value",
        "minval",
        "rate",
        "scale",
        "stddev",
        "value",
    ]
)
WORDS = {
    "data_format": ("channels_first", "channels_last"),
    "fill_mode": ("constant", "nearest", "reflect", "wrap"),
    "interpolation": ("area", "bicubic", "bilinear", "lanczos3", "lanczos5", "nearest"),
    "padding": ("causal", "same", "valid"),
}


class Kind(NamedTuple):
    """`takes` a value and the rank of the layer's pictures (0 where it has none); `text` says what must be there."""

    takes: Callable[[Any, int], bool]
    text: str


def faults(class_name: str, settings: Mapping[str, Any]) -> list[str]:
    """Returns a sentence for each setting that no layer of this class can have."""
    rank = next(iter(re.findall(r"([123])D", class_name)), "0")
    found = []
    for name, value in settings.items():
        kind = None if name == "padding" and class_name in PADDED else _kind(class_name, name)
        if kind and not kind.takes(value, int(rank)):
            found.append(f"`{name}` must be {kind.text}, received {value!r:.60}")
    return found


def _kind(class_name: str, name: str) -> Kind | None:
    if class_name in OF_CLASS.get(name, (class_name,)):
        name = "window_strides" if name == "strides" and "Pool" not in class_name else name
        return KINDS.get(name) or next((kind for ending, kind in ENDINGS.items() if name.endswith(ending)), None)
    return None


def is_whole(value: Any, least: int = 1) -> bool:
    """Tells whether it is a whole number from `least` to 2**31, and neither yes nor no."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= MOST


def is_number(value: Any) -> bool:
    """Tells whether it is a finite number of any kind, and neither yes nor no."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -math.inf < value < math.inf


def is_named(value: Any, names: frozenset[str]) -> bool:
    """Tells whether it is nothing, one of these names, or an object of this name with settings of plain kinds."""
    if not isinstance(value, dict):
        return value is None or (isinstance(value, str) and value in names)
    kind, inner = value.get("class_name"), value.get("config")
    if kind == "function":
        return isinstance(inner, str) and inner in names
    is_known = isinstance(kind, str) and plain_name(kind) in names and value.get("module", "keras") is not None
    return is_known and isinstance(inner, dict) and all(_is_argument(key, one) for key, one in inner.items())


def _is_argument(name: str, value: Any) -> bool:
    """Tells whether an initializer, regularizer or constraint can have it."""
    if name in ("distribution", "mode"):
        return isinstance(value, str)
    if name == "seed":
        return value is None or isinstance(value, int | dict)
    if name in ("axis", "input_axes", "output_axes"):
        return value is None or isinstance(value, int | list)
    return name in ARGUMENTS and (is_number(value) or (isinstance(value, list) and name == "value"))


def _is_name(value: Any, _rank: int) -> bool:
    return value is None or (isinstance(value, str) and "/" not in value)


def _is_type(value: Any, _rank: int) -> bool:
    if isinstance(value, dict):
        name = value["config"].get("name") if isinstance(value.get("config"), dict) else None
        return value.get("class_name") in OTHERS and isinstance(name, str) and _is_type(name, 0)
    return value is None or (isinstance(value, str) and bool(TYPES.match(value) or POLICIES.match(value)))


def _are_wholes(value: Any, rank: int) -> bool:
    if not isinstance(value, list):
        return is_whole(value)
    return len(value) == rank and all(map(is_whole, value))


def _is_share(value: Any, _rank: int) -> bool:
    return is_number(value) and 0 <= value <= 1


def _is_word(name: str) -> Callable[[Any, int], bool]:
    return lambda value, _rank: isinstance(value, str) and value.lower() in WORDS[name]


def _functions(value: Any, _rank: int) -> bool:
    return is_named(value, FUNCTIONS)


def _is_initializer(value: Any, _rank: int) -> bool:
    return is_named(value, INITIALIZERS | FUNCTIONS)


def _is_object(value: Any, _rank: int) -> bool:
    return is_named(value, OTHERS | FUNCTIONS)


def _is_shape(value: Any, _rank: int) -> bool:
    return isinstance(value, list) and all(side is None or is_whole(side, 0) for side in value)


def _is_axis(value: Any, _rank: int) -> bool:
    axes = value if isinstance(value, list) else [value]
    return bool(axes) and all(isinstance(axis, int) and not isinstance(axis, bool) for axis in axes)


WHOLE = Kind(lambda value, _rank: is_whole(value), "a whole number above 0")
WHOLES = Kind(_are_wholes, "whole numbers above 0, one for each side")
SHARE = Kind(_is_share, "a number from 0 to 1")
NUMBER = Kind(lambda value, _rank: is_number(value), "a number")
FUNCTION = Kind(_functions, "a function of Keras")
KINDS = {
    "activation": FUNCTION,
    "alpha": NUMBER,
    "beta": NUMBER,
    "axis": Kind(_is_axis, "a whole number or several"),
    "batch_shape": Kind(_is_shape, "a shape"),
    "data_format": Kind(
        lambda value, _rank: value is None or _is_word("data_format")(value, 0), " or ".join(WORDS["data_format"])
    ),
    "depth_multiplier": WHOLE,
    "dilation_rate": WHOLES,
    "dropout": NUMBER,
    "dtype": Kind(_is_type, "a type of numbers"),
    "epsilon": NUMBER,
    "fill_mode": Kind(_is_word("fill_mode"), ", ".join(WORDS["fill_mode"])),
    "filters": WHOLE,
    "groups": Kind(lambda value, _rank: value == -1 or is_whole(value), "a whole number"),
    "input_dim": WHOLE,
    "lora_rank": Kind(lambda value, _rank: value is None or is_whole(value), "a whole number above 0 or null"),
    "interpolation": Kind(_is_word("interpolation"), ", ".join(WORDS["interpolation"])),
    "kernel_size": WHOLES,
    "k": NUMBER,
    "momentum": NUMBER,
    "n": WHOLE,
    "name": Kind(_is_name, "a name without /"),
    "negative_slope": NUMBER,
    "noise_shape": Kind(lambda value, _rank: value is None or _is_shape(value, 0), "a shape or null"),
    "output_dim": WHOLE,
    "padding": Kind(_is_word("padding"), "valid, same or causal"),
    "pool_size": WHOLES,
    "rate": SHARE,
    "recurrent_activation": FUNCTION,
    "recurrent_dropout": NUMBER,
    "seed": Kind(lambda value, _rank: value is None or isinstance(value, int), "a whole number or null"),
    "size": WHOLES,
    "stddev": NUMBER,
    "strides": Kind(lambda value, rank: value is None or _are_wholes(value, rank), WHOLES.text),
    "trainable": Kind(lambda value, _rank: isinstance(value, bool), "true or false"),
    "units": WHOLE,
    "window_strides": WHOLES,
}
ENDINGS = {
    "_constraint": Kind(_is_object, "a constraint of Keras"),
    "_initializer": Kind(_is_initializer, "an initializer of Keras"),
    "_regularizer": Kind(_is_object, "a regularizer of Keras"),
}
# Elsewhere these names mean something else, or Keras takes whatever is there.
OF_CLASS = {
    "alpha": ("LeakyReLU", "LocalResponseNormalization"),
    "axis": ("BatchNormalization", "LayerNormalization", "GroupNormalization", "Concatenate"),
    "beta": ("LocalResponseNormalization",),
    "epsilon": ("BatchNormalization",),
    "input_dim": ("Embedding",),
    "k": ("LocalResponseNormalization",),
    "n": ("LocalResponseNormalization", "RepeatVector"),
    "rate": ("AlphaDropout", "Dropout", "GaussianDropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"),
}
