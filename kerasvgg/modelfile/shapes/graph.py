"""A model's configuration as layers and the calls between them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kerasvgg.errors import ModelFileError, TooMuchError
from kerasvgg.modelfile.safety.allowed import MODELS
from kerasvgg.modelfile.safety.dangers import is_operation
from kerasvgg.modelfile.shapes.fields import Fields, Shape, UnknownShapeError, as_shape

MOST_LAYERS = 20_000
WRAPPERS = ("TimeDistributed", "Bidirectional")
MOST_LEVELS = 20  # of models in models
Tensor = tuple[str, int, int]  # the layer, which of its calls, which of its outputs


@dataclass(frozen=True)
class Layer:
    """One layer; `inner` is the model in it, or what it wraps; `calls` are what each call of it takes."""

    name: str
    class_name: str
    fields: Fields
    inner: "Graph | None" = None
    calls: tuple[tuple[Tensor, ...], ...] = ()
    input_shape: Any = None
    build: Any = None
    is_operation: bool = False

    @property
    def is_wrapper(self) -> bool:
        """Tells whether it counts as one layer, whatever is in it."""
        return self.class_name in WRAPPERS

    @property
    def sources(self) -> set[str]:
        """Names the layers whose outputs it takes."""
        return {tensor[0] for call in self.calls for tensor in call}

    def built_for(self) -> list[Shape]:
        """Returns the input that the file says it was built for, or nothing."""
        try:
            shape = self.fields.shape("batch_shape", "batch_input_shape") or as_shape(self.input_shape)
        except UnknownShapeError:
            return []
        return [shape]

    @property
    def trainable(self) -> bool:
        """Says whether training may change it; so it is unless the file says no."""
        return self.fields.get("trainable") is not False


@dataclass(frozen=True)
class Graph:
    """A model. In a chain each layer takes what the one before gave."""

    name: str
    class_name: str
    layers: tuple[Layer, ...]
    is_chain: bool
    inputs: tuple[Tensor, ...] = ()
    outputs: tuple[Tensor, ...] = ()
    input_shape: Any = None
    trainable: bool = True

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Layer]]:
        """Yields all layers, those of inner models after the model, with the names of the models they are in."""
        for layer in self.layers:
            yield path, layer
            if layer.inner and not layer.is_wrapper:
                yield from layer.inner.walk((*path, layer.name))


@dataclass
class _Budget:
    layers: int = MOST_LAYERS


def graph_of(config: Mapping[str, Any], budget: _Budget | None = None, level: int = 0) -> Graph:
    """Returns the model that a configuration describes. Raises ModelFileError for what is no model, or has no end."""
    budget = budget or _Budget()
    if level > MOST_LEVELS:
        raise TooMuchError(f"models may be nested {MOST_LEVELS} deep, received more")
    class_name, inner = _text(config.get("class_name")), config.get("config")
    settings = inner if isinstance(inner, dict) else {"layers": inner}
    listed = settings.get("layers")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise ModelFileError("`layers` must be a list of layers")
    budget.layers -= len(listed)
    if budget.layers < 0:
        raise TooMuchError(f"a model may have {MOST_LAYERS:,} layers, received more")
    layers = tuple(_layer(one, budget, level) for one in listed)
    return Graph(
        name=_text(settings.get("name")),
        class_name=class_name,
        layers=layers,
        is_chain="input_layers" not in settings,
        inputs=tuple(_tensors(settings.get("input_layers"))),
        outputs=tuple(_tensors(settings.get("output_layers"))),
        input_shape=settings.get("build_input_shape") or _built(config),
        trainable=settings.get("trainable") is not False,
    )


def is_model(config: Any) -> bool:
    """Tells whether a configuration is that of a model, not of a layer."""
    inner = config.get("config") if isinstance(config, dict) else None
    listed = inner.get("layers") if isinstance(inner, dict) else inner
    return isinstance(listed, list) and (config["class_name"] in MODELS or isinstance(inner, dict))


def _layer(config: dict[str, Any], budget: _Budget, level: int) -> Layer:
    class_name, inner = _text(config.get("class_name")), config.get("config")
    settings = inner if isinstance(inner, dict) else {}
    name = _text(config.get("name")) or _text(settings.get("name"))
    nodes = config.get("inbound_nodes")
    calls = tuple(tuple(_tensors(node)) for node in nodes) if isinstance(nodes, list) else ()
    inner = _inner(config, settings, budget, level)
    return Layer(
        name,
        class_name,
        Fields(settings),
        inner,
        calls,
        _built(config),
        config.get("build_config"),
        is_operation(config),
    )


def _inner(config: dict[str, Any], settings: dict[str, Any], budget: _Budget, level: int) -> Graph | None:
    if is_model(config):
        return graph_of(config, budget, level + 1)
    wrapped = settings.get("layer")
    if not isinstance(wrapped, dict) or "class_name" not in wrapped:
        return None
    if is_model(wrapped):
        return graph_of(wrapped, budget, level + 1)
    return graph_of({"class_name": "Sequential", "config": {"layers": [wrapped]}}, budget, level + 1)


def _tensors(node: Any) -> Iterator[Tensor]:
    """Yields the tensors in one call's arguments, whichever Keras wrote them."""
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            history = item["config"].get("keras_history") if isinstance(item.get("config"), dict) else None
            if history is None:
                stack += list(item.values())[::-1]
            item = history
        if _is_tensor(item):
            yield item[0], item[1], item[2]
        elif isinstance(item, list):
            stack += item[::-1]


def _is_tensor(item: Any) -> bool:
    return (
        isinstance(item, list)
        and len(item) >= 3
        and isinstance(item[0], str)
        and all(isinstance(number, int) for number in item[1:3])
    )


def _built(config: Mapping[str, Any]) -> Any:
    build = config.get("build_config")
    return build.get("input_shape") if isinstance(build, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
