"""Where scores become probabilities."""

from typing import Any

from kerasvgg.visualise.walk import graph_of

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
