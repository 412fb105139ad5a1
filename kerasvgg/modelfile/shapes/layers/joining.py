"""Layers that move numbers: merging and reshaping."""

import math

from kerasvgg.modelfile.shapes.fields import Built, Fields, Shape, UnknownShapeError, as_shape, single


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


def flatten(fields: Fields, inputs: list[Shape]) -> Built:
    """Flatten."""
    return Built((single(inputs)[0], _product(inputs[0][1:])))


def reshape(fields: Fields, inputs: list[Shape]) -> Built:
    """Reshape; one side may be -1."""
    value = fields.get("target_shape")
    if not isinstance(value, list | tuple):
        raise UnknownShapeError("`target_shape` must be a list of whole numbers")
    target = list(as_shape([None if side == -1 else side for side in value]))
    if target.count(None) > 1:
        raise UnknownShapeError("`target_shape` may leave one side open")
    total = _product(single(inputs)[1:])
    if None in target and total is not None:
        rest = _product(tuple(side for side in target if side is not None)) or 1
        target[target.index(None)] = total // rest
    return Built((inputs[0][0], *target))


def permute(fields: Fields, inputs: list[Shape]) -> Built:
    """Permute; sides are counted from 1."""
    order = fields.wholes("dims", len(single(inputs)) - 1)
    if sorted(order) != list(range(1, len(inputs[0]))):
        raise UnknownShapeError("`dims` must name each side once")
    return Built((inputs[0][0], *(inputs[0][i] for i in order)))


def repeat(fields: Fields, inputs: list[Shape]) -> Built:
    """RepeatVector."""
    return Built((single(inputs)[0], fields.whole("n"), *inputs[0][1:]))


def _product(sides: Shape) -> int | None:
    numbers = [side for side in sides if side is not None]
    return math.prod(numbers) if len(numbers) == len(sides) else None
