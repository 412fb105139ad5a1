"""Operations in the graph of a TensorFlow model, such as x / 127.5 - 1, where a layer of Keras does the same."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kerasvgg.modelfile.upgrade.layer import Layer, ObstacleError
from kerasvgg.modelfile.upgrade.models import channels_of

KINDS = ("TFOpLambda", "SlicingOpLambda")
CONSTANT = "_CONSTANT_VALUE"
Made = tuple[str, dict[str, Any]]  # class and settings


@dataclass(frozen=True)
class Call:
    """`tensors` name what comes in, [layer, call, output]; `first` and `options` are the other arguments by name.

    `first` is a constant on the left of an operator, None where a tensor is there.
    """

    tensors: list[list[Any]]
    first: Any
    options: dict[str, Any]
    layer: Layer

    def constant(self) -> Any:
        """Returns the one argument that is a number or a list of numbers."""
        found = [self.first, *(self.options.get(name) for name in ("x", "y", "bias", "value"))]
        numbers = [one for one in found if _is_number(one)]
        if len(numbers) != 1:
            raise ObstacleError("it computes with something that is neither a number nor another layer")
        return numbers[0]


def migrate_operation(layer: Layer) -> list[str]:
    """Makes an operation a layer. Raises ObstacleError where no layer does the same."""
    if layer.kind not in KINDS:
        return _no_tensorflow_1(layer)
    function = layer.settings.get("function")
    make = MAKERS.get(function) if isinstance(function, str) else None
    if make is None:
        raise ObstacleError(f"tf.{function!s:.60} is code that no layer of Keras 3 stands for")
    if len(layer.nodes) != 1:
        raise ObstacleError(f"tf.{function} is called {len(layer.nodes)} times")
    call = _call(layer)
    kind, settings = make(call)
    layer.become(kind, layer.keep() | settings)
    layer.node["inbound_nodes"] = [[[*tensor, {}] for tensor in call.tensors]]
    return [f"tf.{function} becomes {kind}"]


def _no_tensorflow_1(layer: Layer) -> list[str]:
    if layer.kind == "TensorFlowOpLayer":
        raise ObstacleError("TensorFlowOpLayer is an operation that no layer of Keras 3 stands for")
    return []


def _call(layer: Layer) -> Call:
    """Reads [name, call, output, options], or a list of such, whose options may name further tensors."""
    node = layer.nodes[0]
    if not isinstance(node, list) or not node:
        raise ObstacleError("what it is called with can't be read")
    heads = node if isinstance(node[0], list) else [node]
    tensors: list[list[Any]] = []
    first: Any = None
    options: dict[str, Any] = {}
    for head in heads:
        if not isinstance(head, list) or len(head) < 3:
            raise ObstacleError("what it is called with can't be read")
        if head[0] == CONSTANT:
            first = head[2]
        else:
            tensors.append(head[:3])
        options |= head[3] if len(head) > 3 and isinstance(head[3], dict) else {}
    tensors += [value for value in options.values() if _is_tensor(value)]
    if not tensors:
        raise ObstacleError("no layer comes before it")
    return Call(tensors, first, options, layer)


def _is_tensor(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and type(value[1]) is int


def _is_number(value: Any) -> bool:
    numbers = value if isinstance(value, list) and value else [value]
    return all(type(one) in (int, float) for one in numbers)


def _each(value: Any, change: Callable[[float], float]) -> Any:
    return [change(one) for one in value] if isinstance(value, list) else change(value)


def _two(call: Call, kind: str) -> Made:
    if len(call.tensors) != 2:
        raise ObstacleError(f"{kind} takes two layers")
    return kind, {}


def _add(call: Call) -> Made:
    if len(call.tensors) > 1:
        return _two(call, "Add")
    return "Rescaling", {"scale": 1.0, "offset": call.constant()}


def _subtract(call: Call) -> Made:
    if len(call.tensors) > 1:
        return _two(call, "Subtract")
    value = call.constant()
    if call.first is not None:
        return "Rescaling", {"scale": -1.0, "offset": value}
    return "Rescaling", {"scale": 1.0, "offset": _each(value, lambda number: -number)}


def _multiply(call: Call) -> Made:
    if len(call.tensors) > 1:
        return _two(call, "Multiply")
    return "Rescaling", {"scale": call.constant(), "offset": 0.0}


def _divide(call: Call) -> Made:
    if len(call.tensors) > 1 or call.first is not None:
        raise ObstacleError("no layer of Keras 3 divides by what another layer gives")
    value = call.constant()
    if 0 in (value if isinstance(value, list) else [value]):
        raise ObstacleError("it divides by 0")
    return "Rescaling", {"scale": _each(value, lambda number: 1 / number), "offset": 0.0}


def _negative(_call: Call) -> Made:
    return "Rescaling", {"scale": -1.0, "offset": 0.0}


def _same(_call: Call) -> Made:
    return "Activation", {"activation": "linear"}


def _activation(name: str) -> Callable[[Call], Made]:
    def make(call: Call) -> Made:
        if call.options.get("axis") not in (None, -1):
            raise ObstacleError(f"it takes {name} along the axis {call.options['axis']!r:.20}")
        return "Activation", {"activation": name}

    return make


def _concatenate(call: Call) -> Made:
    axis = call.options.get("axis", -1)
    if type(axis) is not int or axis == 0:
        raise ObstacleError("it joins pictures of a batch")
    return "Concatenate", {"axis": axis}


def _pooled(kind: str) -> Callable[[Call], Made]:
    def make(call: Call) -> Made:
        axis = call.options.get("axis")
        if axis not in ([1, 2], [-3, -2], [2, 1]):
            raise ObstacleError(f"it reduces the axes {axis!r:.40}, not height and width")
        return kind, {"keepdims": bool(call.options.get("keepdims")), "data_format": "channels_last"}

    return make


def _clip(call: Call) -> Made:
    low, high = (call.options.get(f"clip_value_{end}") for end in ("min", "max"))
    if low != 0 or type(high) not in (int, float):
        raise ObstacleError("it clips at other than 0 below and a number above")
    return "ReLU", {"max_value": float(high)}  # type: ignore[arg-type]


def _flip_channels(call: Call) -> Made:
    """A frozen 1x1 convolution swaps the channels; as it has no arrays in the file, its start value is its kernel."""
    count = channels_of(call.layer, call.tensors[0][0])
    if _slices(call.options.get("slice_spec")) != "[..., ::-1]" or not isinstance(count, int) or count > 16:
        raise ObstacleError("it cuts a part out, which no layer of Keras 3 does in the same way")
    swap = [[float(row + column == count - 1) for column in range(count)] for row in range(count)]
    start: dict[str, Any] = {"class_name": "Constant", "config": {"value": swap}}
    if call.layer.is_modern:
        start |= {"module": "keras.initializers", "registered_name": None}
    settings = {"filters": count, "kernel_size": [1, 1], "use_bias": False, "trainable": False}
    return "Conv2D", settings | {"kernel_initializer": start}


def _slices(spec: Any) -> str:
    said = [_slice(part) for part in spec] if isinstance(spec, list) else []
    return "[..., ::-1]" if said in (["...", "::-1"], [":", ":", ":", "::-1"]) else "[?]"


def _slice(part: Any) -> str:
    if not isinstance(part, dict):
        return "?"
    if part.get("class_name") == "__ellipsis__" or part.get("type") == "Ellipsis":
        return "..."
    inner = part.get("config") if part.get("class_name") == "__slice__" else part
    steps = {str(step): text for step, text in ((None, ":"), (1, ":"), (-1, "::-1"))}
    if not isinstance(inner, dict) or any(inner.get(end, 0) is not None for end in ("start", "stop")):
        return "?"
    return steps.get(str(inner.get("step")), "?")


MAKERS: dict[str, Callable[[Call], Made]] = {
    "__operators__.add": _add,
    "__operators__.getitem": _flip_channels,
    "__operators__.mul": _multiply,
    "__operators__.sub": _subtract,
    "__operators__.truediv": _divide,
    "cast": _same,
    "clip_by_value": _clip,
    "concat": _concatenate,
    "identity": _same,
    "math.add": _add,
    "math.divide": _divide,
    "math.multiply": _multiply,
    "math.negative": _negative,
    "math.reduce_max": _pooled("GlobalMaxPooling2D"),
    "math.reduce_mean": _pooled("GlobalAveragePooling2D"),
    "math.sigmoid": _activation("sigmoid"),
    "math.subtract": _subtract,
    "math.tanh": _activation("tanh"),
    "math.truediv": _divide,
    "nn.bias_add": _add,
    "nn.elu": _activation("elu"),
    "nn.relu": _activation("relu"),
    "nn.relu6": _activation("relu6"),
    "nn.selu": _activation("selu"),
    "nn.sigmoid": _activation("sigmoid"),
    "nn.silu": _activation("silu"),
    "nn.softmax": _activation("softmax"),
    "nn.softplus": _activation("softplus"),
    "nn.tanh": _activation("tanh"),
}
