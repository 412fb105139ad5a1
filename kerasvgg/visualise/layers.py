"""A model's layers by path, those of nested models too, and the one that gives its output."""

from collections.abc import Iterable
from typing import Any

from kerasvgg.errors import ConfigError, did_you_mean
from kerasvgg.models.walk import graph_of, walk

MOST_OUTPUTS = 64  # of one layer
MOST_NAMED = 60


def layers_by_path(model: Any) -> dict[str, Any]:
    """Returns each layer under its path, in the order of computing; those of nested models, not the models."""
    found: dict[str, Any] = {}

    def visit(path: str, layer: Any, *_: Any) -> Any:
        found[path] = layer
        return [None] * MOST_OUTPUTS

    walk(model, [None] * len(graph_of(model).inputs), visit)
    return found


def find_path(paths: Iterable[str], name: str, option: str = "--layer") -> str:
    """Returns the path that is called so, or that ends in this name. Raises ConfigError where there is none."""
    known = list(paths)
    for path in known:
        if name == path:
            return path
    ends = [path for path in known if path.endswith(f"/{name}")]
    if ends:
        return ends[0]
    names = [path.rpartition("/")[2] for path in known]
    listed = ", ".join(known[:MOST_NAMED]) + (" ..." if len(known) > MOST_NAMED else "")
    raise ConfigError(f"`{option}` must be one of {listed}; received {name!r}{did_you_mean(name, [*known, *names])}")


PASSED = ("Reshape", "Flatten", "Dropout", "Identity")


def output_layer(model: Any) -> Any:
    """Returns the last layer that does more than pass numbers on: a Dense with a softmax, or an activation alone."""
    tensor = graph_of(model).outputs[0]
    while True:
        history = tensor._keras_history
        layer = history.operation
        if graph_of(layer) is not None:
            tensor = graph_of(layer).outputs[0]
        elif type(layer).__name__ in PASSED:
            tensor = layer._inbound_nodes[history.node_index].input_tensors[0]
        else:
            return layer
