"""Layers that make one of several inputs."""

from kerasvgg.modelfile.fields import Fields, Shape, UnknownShapeError
from kerasvgg.modelfile.layers.built import Built


def merged(fields: Fields, inputs: list[Shape]) -> Built:
    """Add, Subtract, Multiply, Average, Maximum, Minimum: sides of 1 are stretched."""
    ranks = {len(shape) for shape in inputs}
    if len(ranks) != 1:
        raise UnknownShapeError("the inputs must have as many dimensions as one another")
    return Built(tuple(_stretched(sides) for sides in zip(*inputs, strict=True)))


def concatenated(fields: Fields, inputs: list[Shape]) -> Built:
    """Concatenate, along `axis`."""
    rank = len(inputs[0]) if inputs else 0
    axis = fields.get("axis", -1)
    if not isinstance(axis, int) or not -rank <= axis < rank or any(len(shape) != rank for shape in inputs):
        raise UnknownShapeError(f"`axis` must be one of the inputs' dimensions, received {axis!r:.60}")
    others = [shape[:axis] + shape[axis:][1:] for shape in inputs]
    if any(len({*column} - {None}) > 1 for column in zip(*others, strict=True)):
        raise UnknownShapeError(f"the inputs must differ in no side but that of the axis, received {inputs!r:.80}")
    sides = [shape[axis] for shape in inputs]
    total = None if None in sides else sum(side or 0 for side in sides)
    output = list(inputs[0])
    output[axis] = total
    return Built(tuple(output))


def _stretched(sides: tuple[int | None, ...]) -> int | None:
    others = {side for side in sides if side != 1}
    if len(others - {None}) > 1:
        raise UnknownShapeError(f"the inputs differ in a side: {sorted(others - {None})[:2]}")  # type: ignore
    return 1 if not others else next(iter(others - {None}), None)
