"""Through the layers of a model one by one, those of nested models too."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from kerasvgg.errors import ModelFileError

Visit = Callable[[str, Any, tuple[Any, ...], dict[str, Any]], Any]


def walk(model: Any, inputs: Sequence[Any], visit: Visit) -> Any:
    """Calls visit(path, layer, args, kwargs) for each layer in the order of computing and returns the model's output.

    What `visit` returns is passed on as the layer's output. A path is `vgg16/block5_conv3` in a nested model; the
    second call of a shared layer has `#2` behind its name. Nothing is re-wired, so pictures may have another size.
    """
    graph = graph_of(model)
    if graph is None:
        hint = " that was never built: begin it with an Input" if hasattr(model, "_functional") else ""
        kind = type(model).__name__
        raise ModelFileError(f"`model` must be a Functional or Sequential model, received a {kind}{hint}")
    return _Walk(visit).through(graph, list(inputs), "")


def graph_of(layer: Any) -> Any:
    """Returns the graph of a nested model, None for a layer that is none."""
    graph = getattr(layer, "_functional", layer)  # a Sequential model keeps one
    return graph if hasattr(graph, "_run_through_graph") else None


class _Walk:
    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._calls: Counter[str] = Counter()

    def through(self, graph: Any, inputs: list[Any], prefix: str) -> Any:
        """Runs the graph's operations in Keras' own order."""
        import keras

        def of(layer: Any) -> Callable[..., Any]:
            def call(*args: Any, **kwargs: Any) -> Any:
                path = self._path(prefix + layer.name)
                inner = graph_of(layer)
                if inner is None:
                    return self._visit(path, layer, args, kwargs)
                first = args[0] if args else next(iter(kwargs.values()))
                return self.through(inner, keras.tree.flatten(first), f"{path}/")

            return call

        return graph._run_through_graph(inputs, operation_fn=of)

    def _path(self, path: str) -> str:
        self._calls[path] += 1
        return path if self._calls[path] == 1 else f"{path}#{self._calls[path]}"
