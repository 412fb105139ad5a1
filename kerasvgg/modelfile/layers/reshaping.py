"""Layers that only arrange numbers anew."""

import math

from kerasvgg.modelfile.fields import Fields, Shape, UnknownShapeError, as_shape
from kerasvgg.modelfile.layers.built import Built, single


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
