"""Layers with a weight for each feature: dense, embedding, normalisation."""

from typing import Any

from kerasvgg.modelfile.shapes.fields import Built, Fields, Shape, UnknownShapeError, known, single


def dense(fields: Fields, inputs: list[Shape]) -> Built:
    """Dense, on the last dimension."""
    units = fields.whole("units")
    kernel = (known(single(inputs)[-1]), units)
    return Built((*inputs[0][:-1], units), (kernel, (units,)) if fields.flag("use_bias", True) else (kernel,))


def embedding(fields: Fields, inputs: list[Shape]) -> Built:
    """Embedding."""
    table = (fields.whole("input_dim"), fields.whole("output_dim"))
    return Built((*single(inputs), table[1]), (table,))


def lstm(fields: Fields, inputs: list[Shape]) -> Built:
    """LSTM."""
    return _recurrent(4, (), fields, inputs)


def gru(fields: Fields, inputs: list[Shape]) -> Built:
    """GRU; `reset_after` doubles its biases."""
    return _recurrent(3, (2,) if fields.flag("reset_after", False) else (), fields, inputs)


def simple_rnn(fields: Fields, inputs: list[Shape]) -> Built:
    """SimpleRNN."""
    return _recurrent(1, (), fields, inputs)


def _recurrent(gates: int, doubled: tuple[int, ...], fields: Fields, inputs: list[Shape]) -> Built:
    units, shape = fields.whole("units"), single(inputs)
    bias: tuple[Shape, ...] = ((*doubled, gates * units),) if fields.flag("use_bias", True) else ()
    output = (*shape[:-1], units) if fields.flag("return_sequences", False) else (shape[0], units)
    return Built(output, ((known(shape[-1]), gates * units), (units, gates * units), *bias))


def batch_normalization(fields: Fields, inputs: list[Shape]) -> Built:
    """BatchNormalization: its mean and variance move without being trained."""
    size = (_along(single(inputs), fields.get("axis", -1)),)
    kept = (size,) * (5 if fields.flag("renorm", False) else 2)
    return Built(inputs[0], _scales(fields, size), kept)


def layer_normalization(fields: Fields, inputs: list[Shape]) -> Built:
    """LayerNormalization."""
    size = tuple(_along(single(inputs), axis) for axis in _axes(fields))
    return Built(inputs[0], _scales(fields, size))


def group_normalization(fields: Fields, inputs: list[Shape]) -> Built:
    """GroupNormalization."""
    return Built(inputs[0], _scales(fields, (_along(single(inputs), fields.get("axis", -1)),)))


def normalization(fields: Fields, inputs: list[Shape]) -> Built:
    """Normalization: mean, variance and count of the data it was adapted to, unless they were given."""
    if fields.get("mean") is not None:
        return Built(single(inputs))
    axes = fields.get("axis", -1)
    size = tuple(
        _along(single(inputs), axis) for axis in (axes if isinstance(axes, list) else [axes]) if axis is not None
    )
    return Built(inputs[0], (), (size, size, ()))


def prelu(fields: Fields, inputs: list[Shape]) -> Built:
    """PReLU: a slope for each number, or for all along `shared_axes`."""
    shared = fields.get("shared_axes") or []
    if not isinstance(shared, list) or not all(isinstance(axis, int) for axis in shared):
        raise UnknownShapeError("`shared_axes` must be a list of whole numbers")
    slopes = tuple(1 if axis in shared else known(side) for axis, side in enumerate(single(inputs)) if axis)
    return Built(inputs[0], (slopes,))


def _axes(fields: Fields) -> list[Any]:
    axes = fields.get("axis", -1)
    return axes if isinstance(axes, list) else [axes]


def _along(shape: Shape, axis: Any) -> int:
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        raise UnknownShapeError(f"`axis` must be one of {len(shape)} dimensions, received {axis!r:.60}")
    return known(shape[axis])


def _scales(fields: Fields, size: tuple[int, ...]) -> tuple[Shape, ...]:
    return (size,) * (fields.flag("scale", True) + fields.flag("center", True))
