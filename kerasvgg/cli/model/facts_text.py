"""Facts of a model file as lines and rows for a reader."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kerasvgg.modelfile.facts.difference import LayerDifference
    from kerasvgg.modelfile.facts.facts import ArrayFacts, Facts, LayerFacts, Network, Training
    from kerasvgg.modelfile.facts.network import Leaf

CONTAINERS = {
    "h5": "a whole model in HDF5",
    "h5 weights": "weights alone in HDF5, in Keras' old layout",
    "keras": "a whole model as .keras",
    "weights.h5": "weights alone in HDF5, in Keras 3's layout",
    "mat": "a MatConvNet network in MAT v5",
    "": "a file",
}
LONGEST = 60  # letters of a name in a table
VGG_NAMES = {"D": " (VGG16)", "E": " (VGG19)"}


def lines(facts: "Facts") -> Iterator[str]:
    """Yields what there is to say of the whole file, the verdict first."""
    keras = f", Keras {facts.keras_version}" if facts.keras_version else ""
    backend = f" on {facts.backend}" if facts.backend else ""
    yield f"{facts.path}: {CONTAINERS[facts.container]}{keras}{backend}, {facts.size / 1e6:,.1f} MB"
    yield f"verdict: {facts.verdict}"
    yield from (f"  - {_cut(reason, 400)}" for reason in facts.reasons)
    if facts.model:
        yield f"model: {_cut(facts.model)}, {shape(facts.input_shape)} to {shape(facts.output_shape)}"
    if facts.parameters is not None:
        trained = facts.trainable_parameters
        yield f"parameters: {facts.parameters:,}" + (f", {trained:,} of them trained" if trained is not None else "")
    yield from _network(facts.network) if facts.network else ()
    yield from _training(facts.training) if facts.training else ()
    yield from (f"{name}: {_cut(value, 400)}" for name, value in (facts.about or {}).items() if value)
    yield from (f"weights: {finding}" for finding in facts.findings)
    yield from (f"this platform has no limits on {what} for the process that reads" for what in facts.limits_missing)


def _network(network: "Network") -> Iterator[str]:
    if network.vgg:
        states = ", ".join(f"{block} {state}" for block, state in network.blocks.items() if state != "unknown")
        yield f"VGG: column {network.vgg}{VGG_NAMES.get(network.vgg, '')}" + (f", {states}" if states else "")
    head = ", ".join(_cut(name) for name in network.head[:12])
    yield f"base: ends with {_cut(network.base_end)}" + (f"; head: {head}" if head else "; no head")


def _training(training: "Training") -> Iterator[str]:
    rate = "" if training.learning_rate is None else f", learning rate {training.learning_rate:.6g}"
    schedule = f", learning rate by {training.schedule}" if training.schedule else ""
    loss = f", loss {training.loss}" if training.loss else ""
    metrics = f", metrics {', '.join(training.metrics)}" if training.metrics else ""
    yield f"training: {training.optimizer or 'no optimizer'}{rate}{schedule}{loss}{metrics}"
    if training.trap:
        yield f"  - {training.trap}"


def shape(sides: Sequence[int | None] | None) -> str:
    """Returns a shape without its batch, such as 150x150x3; "?" for what is open or unknown."""
    if sides is None:
        return "?"
    return "x".join("?" if side is None else str(side) for side in sides[1:]) or "1"


def layer_columns(facts: "Facts") -> tuple[str, ...]:
    """Returns the heads of the table of layers."""
    numbers = ("mean", "std", "least", "most") if _has_numbers(facts.layers) else ()
    return ("layer", "class", "", "output", "parameters", *numbers)


def layer_rows(facts: "Facts") -> Iterator[tuple[str, ...]]:
    """Yields a row for each layer, those of a model in it below it and moved in."""
    return _rows(facts.layers, 0, _has_numbers(facts.layers))


def _rows(layers: Iterable["LayerFacts"], depth: int, with_numbers: bool) -> Iterator[tuple[str, ...]]:
    for layer in layers:
        count = "?" if layer.parameters is None or (layer.note and not layer.arrays) else f"{layer.parameters:,}"
        states = {None: "", True: "", False: "frozen" if layer.parameters else ""}
        output = shape(layer.output_shape) if layer.output_shape else _kernel(layer)
        row = (f"{'  ' * depth}{_cut(layer.name)}", _cut(layer.class_name), states[layer.trainable], output, count)
        yield (*row, *_numbers(layer)) if with_numbers else row
        yield from _rows(layer.layers, depth + 1, with_numbers)


def _kernel(layer: "LayerFacts") -> str:
    """Returns the shape of the first array where the output's is not known, as in files of weights alone."""
    return f"[{'x'.join(map(str, layer.arrays[0].shape))}]" if layer.arrays else ""


def _numbers(layer: "LayerFacts") -> tuple[str, ...]:
    seen = layer.arrays[0].numbers if layer.arrays else None
    return tuple(f"{value:.4g}" for value in (seen.mean, seen.std, seen.least, seen.most)) if seen else ("",) * 4


def _has_numbers(layers: Iterable["LayerFacts"]) -> bool:
    return any(any(array.numbers for array in layer.arrays) or _has_numbers(layer.layers) for layer in layers)


def layer_lines(leaf: "Leaf") -> Iterator[str]:
    """Yields all that is known of one layer."""
    layer = leaf.layer
    state = {None: "", True: ", trained", False: ", frozen"}[layer.trainable]
    yield f"{leaf.path}: {layer.class_name or 'a group of arrays'}, output {shape(layer.output_shape)}{state}"
    yield from (f"  {name}: {value}" for name, value in layer.settings.items())
    yield from (f"  {line}" for array in layer.arrays for line in _array(array))
    if layer.note:
        yield f"  the output can't be told: {layer.note}"


def _array(array: "ArrayFacts") -> Iterator[str]:
    yield f"{array.name}: {'x'.join(map(str, array.shape)) or 'one number'}, {array.dtype}"
    if seen := array.numbers:
        yield f"  mean {seen.mean:.6g}, std {seen.std:.6g}, {seen.least:.6g} to {seen.most:.6g}"
        yield f"  {seen.zeros:,} zeros, {seen.not_finite:,} not finite, of {seen.count:,}; sha256 {seen.sha256}"
        if seen.is_imagenet is not None:
            yield "  equal to ImageNet's" if seen.is_imagenet else "  not ImageNet's"


def difference_rows(found: Iterable["LayerDifference"]) -> Iterator[tuple[str, ...]]:
    """Yields a row for each layer."""
    for one in found:
        moved = (f"{one.largest:.4g}", f"{one.relative:.2%}") if one.largest else ("", "")
        yield _cut(one.name), "" if one.what == "same" else one.what, *moved, _cut(one.detail, 200)


def _cut(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
