"""Output shapes and weights of all layers of a model, told without building it."""

from dataclasses import dataclass, field, replace

from kerasvgg.errors import TooMuchError
from kerasvgg.modelfile.shapes.fields import Built, Shape, UnknownShapeError, as_shape, lora_matrices, single
from kerasvgg.modelfile.shapes.graph import Graph, Layer, Tensor
from kerasvgg.modelfile.shapes.layers.table import MERGED, RULES

MOST_CALLS = 200_000  # models in models that call one another often have no end


@dataclass
class Shapes:
    """What each layer comes to at its first call, by `id` of the layer, and why where it can't be told.

    `wrong` are those of the latter that can't be called in this way at all.
    """

    built: dict[int, Built] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    wrong: dict[int, str] = field(default_factory=dict)
    calls: int = 0
    saves_lora: bool = False


def shapes_of(graph: Graph, saves_lora: bool = False) -> Shapes:
    """Returns what the layers of a whole model come to. Raises ModelFileError for one whose calls have no end.

    .h5 files keep the two matrices of a low-rank adaptation (LoRA); .keras files add their product to the kernel.
    """
    shapes = Shapes(saves_lora=saves_lora)
    _run(graph, None, shapes)
    return shapes


def _run(graph: Graph, given: list[Shape] | None, shapes: Shapes) -> list[Shape]:
    """Returns the outputs, as far as they can be told, for these inputs (None: those that the file names)."""
    return _chain(graph, given, shapes) if graph.is_chain else _network(graph, given, shapes)


def _chain(graph: Graph, given: list[Shape] | None, shapes: Shapes) -> list[Shape]:
    first = graph.layers[0].built_for() if graph.layers else []
    flow = given if given is not None else first or _shape_of_input(graph)
    for layer in graph.layers:
        flow = _call(layer, flow or layer.built_for(), shapes)
    return flow


def _network(graph: Graph, given: list[Shape] | None, shapes: Shapes) -> list[Shape]:
    known: dict[Tensor, Shape] = {}
    entries = {tensor[0]: shape for tensor, shape in zip(graph.inputs, given or [], strict=False)}
    for layer in _in_order(graph):
        for number, call in enumerate(layer.calls or ((),)):
            inputs = [known[tensor] for tensor in call if tensor in known]
            if layer.name in entries:
                inputs = [entries[layer.name]]
            elif len(inputs) < len(call):
                inputs = layer.built_for()
            outputs = _call(layer, inputs, shapes)
            known.update({(layer.name, number, place): shape for place, shape in enumerate(outputs)})
    return [known[tensor] for tensor in graph.outputs if tensor in known]


def _in_order(graph: Graph) -> list[Layer]:
    """Returns the layers so that each comes after those whose outputs it takes; files need not list them so."""
    by_name = {layer.name: layer for layer in graph.layers}
    waits = {layer.name: layer.sources & by_name.keys() for layer in graph.layers}
    feeds: dict[str, list[str]] = {}
    for name, sources in waits.items():
        for source in sources:
            feeds.setdefault(source, []).append(name)
    ready = [layer.name for layer in graph.layers if not waits[layer.name]]
    order = []
    while ready:
        name = ready.pop(0)
        order.append(by_name[name])
        for fed in feeds.get(name, ()):
            waits[fed].discard(name)
            if not waits[fed]:
                ready.append(fed)
    left = [layer for layer in graph.layers if waits[layer.name]]
    return order + left


def _call(layer: Layer, inputs: list[Shape], shapes: Shapes) -> list[Shape]:
    shapes.calls += 1
    if shapes.calls > MOST_CALLS:
        raise TooMuchError(f"building the model takes more than {MOST_CALLS:,} calls of layers")
    try:
        built = _outcome(layer, inputs, shapes)
    except UnknownShapeError as error:
        shapes.unknown.setdefault(id(layer), str(error))
        if inputs or layer.class_name == "InputLayer":
            shapes.wrong.setdefault(id(layer), str(error))
        return []
    if built is None:
        shapes.unknown.setdefault(id(layer), f"{layer.class_name} is not among the layers that can be told")
        return []
    shapes.built.setdefault(id(layer), built)
    return [built.output]


def _outcome(layer: Layer, inputs: list[Shape], shapes: Shapes) -> Built | None:
    if layer.class_name == "InputLayer":
        return Built(_entering(_declared(layer), inputs))
    if layer.inner and layer.class_name == "TimeDistributed":
        return _each_time(layer.inner, single(inputs), shapes)
    if layer.inner and layer.class_name == "Bidirectional":
        return _both_ways(layer, layer.inner, inputs, shapes)
    if layer.inner:
        outputs = _run(layer.inner, inputs or None, shapes)
        return Built(outputs[0]) if outputs else None
    # An operation may be called as a layer is, and do something else: Reshape, Average ...
    is_known = not layer.is_operation or (layer.class_name in MERGED and layer.class_name != "Average")
    rule = RULES.get(layer.class_name) if is_known else None
    if rule and not inputs:
        raise UnknownShapeError("what goes into it can't be told")
    return _adapted(layer, rule(layer.fields, inputs), shapes.saves_lora) if rule else None


ADAPTED = ("Dense", "Embedding", "Conv1D", "Conv2D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D")


def _adapted(layer: Layer, built: Built, saves_lora: bool) -> Built:
    """Adds the two matrices of a low-rank adaptation, which is trained instead of the kernel."""
    if layer.class_name not in ADAPTED or not layer.fields.get("lora_rank"):
        return built
    kernel, *others = built.trained
    matrices = lora_matrices(kernel, layer.fields.whole("lora_rank"))
    if saves_lora:
        return replace(built, trained=(*others, *matrices), kept=(kernel, *built.kept))
    return replace(built, unsaved=matrices)


def _each_time(inner: Graph, shape: Shape, shapes: Shapes) -> Built | None:
    """Returns what a layer or model comes to that is applied to each step of a row."""
    outputs = _run(inner, [(shape[0], *shape[2:])], shapes)
    parts = [(layer, shapes.built[id(layer)]) for _, layer in inner.walk() if id(layer) in shapes.built]
    trained = tuple(one for layer, part in parts if layer.trainable for one in part.trained)
    frozen = tuple(one for layer, part in parts if not layer.trainable for one in part.trained)
    kept = tuple(one for _, part in parts for one in part.kept)
    return Built((*shape[:2], *outputs[0][1:]), trained, (*frozen, *kept)) if outputs else None


def _both_ways(layer: Layer, inner: Graph, inputs: list[Shape], shapes: Shapes) -> Built | None:
    """Returns what a recurrent layer and its mirror image come to; each has weights of its own."""
    rule = RULES.get(inner.layers[0].class_name) if len(inner.layers) == 1 else None
    if rule is None:
        return None
    built = rule(inner.layers[0].fields, inputs)
    joins = layer.fields.text("merge_mode", "concat") == "concat"
    return Built((*built.output[:-1], (built.output[-1] or 0) * (2 if joins else 1)), built.trained * 2)


def _entering(declared: Shape, inputs: list[Shape]) -> Shape:
    """Returns what a model is called with, which must be what its InputLayer takes."""
    given = inputs[0] if inputs else declared
    sides = zip(declared, given, strict=False)
    if len(given) != len(declared) or any(None not in pair and pair[0] != pair[1] for pair in sides):
        raise UnknownShapeError(f"it takes {declared}, and is given {given}")
    return given


def _declared(layer: Layer) -> Shape:
    shape = layer.fields.shape("batch_shape", "batch_input_shape")
    if shape is None:
        raise UnknownShapeError("the input's shape is not said")
    return shape


def _shape_of_input(graph: Graph) -> list[Shape]:
    try:
        return [as_shape(graph.input_shape)] if graph.input_shape else []
    except UnknownShapeError:
        return []
