"""The layers of a whole model, and where its file claims more than it has."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kerasvgg.errors import ModelFileError, TooMuchError
from kerasvgg.modelfile.facts.damage import weights_damage
from kerasvgg.modelfile.facts.facts import ArrayFacts, LayerFacts
from kerasvgg.modelfile.facts.layers import Parts, layer_facts, totals
from kerasvgg.modelfile.facts.network import leaves_of
from kerasvgg.modelfile.read.saved import Danger, Saved, SavedLayer
from kerasvgg.modelfile.shapes.assign import NOT_WEIGHTS, assign, unbacked_claims, unsaved_weights
from kerasvgg.modelfile.shapes.fields import Built, Shape, UnknownShapeError, as_shape
from kerasvgg.modelfile.shapes.graph import Graph, Layer, graph_of
from kerasvgg.modelfile.shapes.layers.table import RULES
from kerasvgg.modelfile.shapes.shapes import Shapes, shapes_of

MOST_NUMBERS = 1 << 28  # of one layer's output for one picture: VGG16's at 2,048 pixels


@dataclass(frozen=True)
class ModelFacts:
    """`input_shape` is None where the file does not say it."""

    name: str = ""
    input_shape: Shape | None = None
    layers: tuple[LayerFacts, ...] = ()
    dangers: tuple[Danger, ...] = ()


def model_facts(saved: Saved, config: dict[str, object], size: int) -> ModelFacts:
    """Returns the layers that `config` describes, with the arrays that a file of `size` bytes has for them."""
    try:
        graph = graph_of(config)
        shapes = shapes_of(graph, saves_lora=saved.container == "h5")
    except ModelFileError as error:
        kind = "bomb" if isinstance(error, TooMuchError) else "damage"
        return ModelFacts(dangers=(Danger(kind, "the model", str(error)),))
    arrays = assign(saved, graph, shapes)
    layers = layer_facts(graph, Parts(shapes, arrays, _class_names(saved)))
    unsaved = unsaved_weights(graph, shapes, arrays)
    dangers = [*_claims(layers, size, unsaved), *unbacked_claims(graph, shapes, arrays), *_impossible(graph, shapes)]
    if not any(danger.kind in ("link", "bomb") for danger in saved.dangers):
        dangers += _misfits(layers)
        dangers += weights_damage(saved, graph, shapes, arrays)
    return ModelFacts(graph.name or graph.class_name, _input(graph), layers, tuple(dangers))


def weights_facts(saved: Saved) -> ModelFacts:
    """Returns the groups of a file of weights alone as if they were layers; what else a store keeps is left out."""
    groups = (group for group in saved.layers if group.arrays and not set(group.name.split("/")) & NOT_WEIGHTS)
    return ModelFacts(layers=tuple(_of_group(group) for group in groups))


def _of_group(group: SavedLayer) -> LayerFacts:
    arrays = tuple(ArrayFacts(array.name, array.shape, array.dtype) for array in group.arrays)
    count = sum(math.prod(array.shape) for array in arrays)
    return LayerFacts(group.label or group.name, "", None, count, None, None, {}, arrays)


def _input(graph: Graph) -> Shape | None:
    """Returns what goes into the first layer that says so."""
    first = graph.layers[0] if graph.layers else None
    while first and first.inner and first.inner.layers and not first.built_for():
        first = first.inner.layers[0]
    return next(iter(first.built_for()), None) if first else None


def _class_names(saved: Saved) -> dict[tuple[str, ...], str]:
    """Returns the classes' names as the file has them, by the names that lead to the layer."""
    try:
        return {(*path, layer.name): layer.class_name for path, layer in graph_of(saved.config or {}).walk()}
    except ModelFileError:
        return {}


def _claims(layers: Sequence[LayerFacts], size: int, unsaved: int) -> Iterator[Danger]:
    total = (totals(tuple(layers))[0] or 0) + unsaved
    if total > size:
        yield Danger("bomb", "the model", f"it claims {total:,} weights, in a file of {size:,} bytes")
    for path, layer in leaves_of(layers):
        numbers = math.prod(side or 1 for side in (layer.output_shape or ())[1:])
        if numbers > MOST_NUMBERS:
            yield Danger("bomb", path, f"it makes {numbers:,} numbers of a picture; {MOST_NUMBERS:,} are allowed")


def _impossible(graph: Graph, shapes: Shapes) -> Iterator[Danger]:
    """Yields the layers that can't be called with what they are given."""
    for path, layer in graph.walk():
        if id(layer) in shapes.wrong:
            yield Danger("damage", "/".join((*path, layer.name)), shapes.wrong[id(layer)])
        elif not _is_as_built(layer, shapes.built.get(id(layer))):
            yield Danger("damage", "/".join((*path, layer.name)), f"it was built for {layer.input_shape!r:.80}")


def _is_as_built(layer: Layer, built: Built | None) -> bool:
    """Tells whether the input that the file says a layer was built for gives the weights that it has."""
    rule = RULES.get(layer.class_name)
    if not isinstance(layer.input_shape, list) or rule is None or built is None:
        return True
    several = layer.input_shape and all(isinstance(one, list) for one in layer.input_shape)
    try:
        other = rule(layer.fields, [as_shape(one) for one in (layer.input_shape if several else [layer.input_shape])])
        return other.trained == built.trained and len(other.output) == len(built.output)
    except UnknownShapeError:
        return False


def _misfits(layers: Sequence[LayerFacts], path: str = "") -> Iterator[Danger]:
    """Yields the layers whose weights in the file are not as many as the layer has."""
    for layer in layers:
        place = f"{path}{layer.name}"
        count = sum(math.prod(array.shape) for array in layer.arrays)
        if layer.layers and not layer.arrays:
            yield from _misfits(layer.layers, f"{place}/")
        elif layer.parameters is not None and layer.parameters != count:
            yield Danger("damage", place, f"the layer has {layer.parameters:,} weights, the file {count:,}")
